// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.server.config.ConfigException;
import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.db.Schema;
import dev.rollcall.server.db.embedded.EmbeddedException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code serve}: runs until it is told to stop. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Runs the queue server. Each setting is a flag or an environment variable.",
    footerHeading = "%nSecrets come from the environment or from files only:%n")
final class ServeCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);
  private static final long STOP_SECONDS = 10;

  private final Map<String, String> environment;
  @Spec private CommandSpec spec;

  private ServeCommand(Map<String, String> environment) {
    this.environment = environment;
    this.spec = CommandSpec.create();
  }

  static CommandLine line(Map<String, String> environment) {
    var line = new CommandLine(new ServeCommand(environment));
    SettingOptions.declare(line.getCommandSpec(), ServerConfig.SETTINGS);
    return line;
  }

  @Override
  public Integer call() {
    ServerConfig config;
    try {
      config =
          ServerConfig.read(
              SettingOptions.given(spec.commandLine().getParseResult(), ServerConfig.SETTINGS),
              environment);
    } catch (ConfigException e) {
      spec.commandLine().getErr().println("The server cannot start with these settings:");
      e.problems().forEach(problem -> spec.commandLine().getErr().println("  " + problem));
      return 2;
    }
    return run(config);
  }

  private int run(ServerConfig config) {
    var told = new CountDownLatch(1);
    var stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> tellAndWait(told, stopped), "rollcall-stop"));
    boolean ran = false;
    try (Server server = Server.start(config)) {
      ran = true;
      LOG.info("ready at {}", server.baseUri());
      told.await();
      LOG.info("stopping");
    } catch (ConfigException | EmbeddedException | Schema.SchemaException e) {
      spec.commandLine().getErr().println("The server cannot start: " + e.getMessage());
      LOG.debug("because", e);
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } finally {
      if (ran) {
        LOG.info("stopped");
      }
      stopped.countDown();
    }
    return 0;
  }

  /**
   * Run when the process is told to end. A stop that was asked for and was clean ends it with
   * status 0; one that ended by itself keeps its own status.
   */
  private static void tellAndWait(CountDownLatch told, CountDownLatch stopped) {
    if (stopped.getCount() == 0) {
      return;
    }
    told.countDown();
    try {
      if (stopped.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(0);
      }
      LOG.error("not stopped after {} s", STOP_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
