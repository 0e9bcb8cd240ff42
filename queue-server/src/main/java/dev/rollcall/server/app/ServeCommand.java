// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.server.config.ConfigException;
import dev.rollcall.server.config.ServerConfig;
import java.util.Map;
import java.util.concurrent.Callable;
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
    Logging.level(config.logLevel());
    return Serving.run(config, spec.commandLine().getErr());
  }
}
