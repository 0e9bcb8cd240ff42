// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.server.config.ConfigException;
import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Schema;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code migrate}: brings the schema of a database up to date. */
@Command(
    name = "migrate",
    mixinStandardHelpOptions = true,
    description =
        "Brings the schema of the database at --database-url up to date. Safe while servers run.",
    footerHeading = "%nSecrets come from the environment or from files only:%n")
final class MigrateCommand implements Callable<Integer> {
  private final Map<String, String> environment;
  @Spec private CommandSpec spec;

  private MigrateCommand(Map<String, String> environment) {
    this.environment = environment;
    this.spec = CommandSpec.create();
  }

  static CommandLine line(Map<String, String> environment) {
    var line = new CommandLine(new MigrateCommand(environment));
    SettingOptions.declare(line.getCommandSpec(), ServerConfig.DATABASE_SETTINGS);
    return line;
  }

  @Override
  public Integer call() {
    var out = spec.commandLine().getOut();
    var err = spec.commandLine().getErr();
    try {
      ServerConfig.Database database =
          ServerConfig.readDatabase(
              SettingOptions.given(
                  spec.commandLine().getParseResult(), ServerConfig.DATABASE_SETTINGS),
              environment);
      if (!(database instanceof ServerConfig.Database.External external)) {
        err.println("--database-url / ROLLCALL_DATABASE_URL is missing.");
        err.println("The embedded database is migrated by serve itself.");
        return 2;
      }
      var address = new DatabaseAddress(external.url(), null, external.password());
      int applied = new Schema(address).migrate();
      out.println(
          applied == 0
              ? address + " is up to date."
              : applied + " migration(s) applied to " + address + ".");
      return 0;
    } catch (ConfigException e) {
      e.problems().forEach(err::println);
      return 2;
    } catch (Schema.SchemaException e) {
      err.println(e.getMessage());
      return 1;
    }
  }
}
