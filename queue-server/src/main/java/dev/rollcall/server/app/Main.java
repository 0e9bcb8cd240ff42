// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.server.app.cli.CliCommands;
import dev.rollcall.server.app.cli.Surroundings;
import dev.rollcall.server.app.cli.UsageErrors;
import dev.rollcall.server.app.demo.DemoCommand;
import dev.rollcall.server.app.demo.RunningServer;
import dev.rollcall.server.config.ConfigException;
import dev.rollcall.server.config.ServerConfig;
import java.net.URI;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code queue-server}: all subcommands. */
@Command(
    name = "queue-server",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description =
        "Queues commands for the edge servers of a federation of CDNs, and rolls up their results.")
public final class Main {
  private Main() {}

  /** Ends the process with the subcommand's status. */
  public static void main(String[] args) {
    Logging.configure();
    System.exit(commandLine(Surroundings.ofProcess()).execute(args));
  }

  static CommandLine commandLine(Surroundings surroundings) {
    var line = new CommandLine(new Main());
    line.addSubcommand(ServeCommand.line(System.getenv()));
    line.addSubcommand(MigrateCommand.line(System.getenv()));
    line.addSubcommand(DoctorCommand.line(System.getenv()));
    CliCommands.all(surroundings).forEach(command -> line.addSubcommand(command));
    line.addSubcommand(new DemoCommand(surroundings, Main::startForDemo));
    line.setParameterExceptionHandler(new UsageErrors()); // last: for all subcommands there are
    return line;
  }

  private static RunningServer startForDemo(
      Map<String, String> flags, Map<String, String> environment) {
    Server server = Server.start(config(flags, environment));
    return new RunningServer() {
      @Override
      public URI baseUri() {
        return server.baseUri();
      }

      @Override
      public void close() {
        server.close();
      }
    };
  }

  private static ServerConfig config(Map<String, String> flags, Map<String, String> environment) {
    try {
      return ServerConfig.read(flags, environment);
    } catch (ConfigException e) {
      throw new IllegalArgumentException(String.join("\n", e.problems()), e);
    }
  }

  /** The version in the jar's manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"queue-server " + (version == null ? "(not from a jar)" : version)};
    }
  }
}
