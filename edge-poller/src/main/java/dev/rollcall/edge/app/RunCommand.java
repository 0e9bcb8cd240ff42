// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import dev.rollcall.edge.config.PollerConfig;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.edge.telemetry.LogLines;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code run}: polls until it is stopped. */
@Command(
    name = "run",
    description = {
      "Polls the queue server and executes what it gets, until SIGTERM or Ctrl-C.",
      "Logs to standard error, one line for each event."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class RunCommand implements Callable<Integer> {
  private static final Log LOG = Log.of("app");
  private static final Duration LONGEST_STOP = Duration.ofSeconds(9);

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Option(names = "--verbose", description = "Also log what is of no interest on good days.")
  private boolean verbose;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    Optional<PollerConfig> config = options.read(err);
    if (config.isEmpty()) {
      return 1;
    }
    LogLines.to(System.err, verbose ? Level.FINE : Level.INFO);
    Thread.setDefaultUncaughtExceptionHandler(RunCommand::fatal);
    try {
      Daemon daemon = Daemon.open(config.get());
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(daemon), "rollcall-stop"));
      daemon.start();
    } catch (Daemon.StartException e) {
      err.println(e.getMessage());
      err.flush();
      Runtime.getRuntime().halt(1);
    }
    LOG.info(
        "started",
        "version",
        Version.text(),
        "server",
        config.get().server(),
        "cache",
        Drivers.described(config.get().cache()),
        "state",
        config.get().state(),
        "capacity",
        config.get().capacity());
    new CountDownLatch(1).await(); // until the process is told to end
    return 0;
  }

  /** Runs as the shutdown hook. The status is 0: being stopped is no failure. */
  private static void stop(Daemon daemon) {
    Thread stopping =
        Thread.ofPlatform().daemon().name("rollcall-stopping").start(() -> stopWhole(daemon));
    try {
      if (!stopping.join(LONGEST_STOP)) {
        LOG.warn("not stopped in time, ending all the same; the journal has what is owed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(0);
  }

  private static void stopWhole(Daemon daemon) {
    try {
      daemon.stop();
    } catch (IOException | InterruptedException e) {
      LOG.error("the stop was not clean", e);
    }
  }

  /** An error that leaves a thread missing is no state to go on in: the journal makes it safe. */
  private static void fatal(Thread thread, Throwable failure) {
    LOG.error("fatal", failure, "thread", thread.getName());
    Runtime.getRuntime().halt(70);
  }
}
