// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.server.config.ConfigException;
import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.db.Schema;
import dev.rollcall.server.db.embedded.EmbeddedException;
import dev.rollcall.server.db.embedded.EmbeddedPostgres;
import dev.rollcall.server.upkeep.Diagnosis;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code doctor}: looks at the database and says what is not as it should be. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description =
        "Looks at the database and says what is not as it should be. Ends with status 1 if"
            + " something is wrong.",
    footerHeading = "%nSecrets come from the environment or from files only:%n")
final class DoctorCommand implements Callable<Integer> {
  private static final int WIDTH = 80;

  private final Map<String, String> environment;
  @Spec private CommandSpec spec;

  private DoctorCommand(Map<String, String> environment) {
    this.environment = environment;
    this.spec = CommandSpec.create();
  }

  static CommandLine line(Map<String, String> environment) {
    var line = new CommandLine(new DoctorCommand(environment));
    SettingOptions.declare(line.getCommandSpec(), ServerConfig.DATABASE_SETTINGS);
    return line;
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    try {
      DatabaseAddress address = address();
      new Schema(address).check();
      try (Pool pool = Pool.open(address, Pool.Purpose.READ, 1)) {
        return print(Diagnosis.of(pool));
      }
    } catch (ConfigException e) {
      e.problems().forEach(err::println);
      return 2;
    } catch (Schema.SchemaException | EmbeddedException e) {
      err.println(e.getMessage());
      return 1;
    }
  }

  private DatabaseAddress address() {
    return switch (ServerConfig.readDatabase(
        SettingOptions.given(spec.commandLine().getParseResult(), ServerConfig.DATABASE_SETTINGS),
        environment)) {
      case ServerConfig.Database.Embedded embedded ->
          EmbeddedPostgres.running(embedded.data())
              .orElseThrow(() -> new EmbeddedException(notRunning(embedded.data())));
      case ServerConfig.Database.External external ->
          new DatabaseAddress(external.url(), null, external.password());
    };
  }

  private static String notRunning(Path data) {
    return "no PostgreSQL of a server runs in "
        + data.toAbsolutePath().normalize()
        + "; start serve first, or name another directory with "
        + ServerConfig.DATA.shown()
        + ", or a database with "
        + ServerConfig.DATABASE_URL.shown();
  }

  /** In lines of at most {@link #WIDTH} columns where words allow it. */
  static String folded(String head, String text) {
    var out = new StringBuilder(head);
    int column = head.length();
    boolean first = true;
    for (String word : text.split(" ", -1)) {
      if (!first && column + 1 + word.length() > WIDTH) {
        out.append(System.lineSeparator()).append(" ".repeat(head.length()));
        column = head.length();
        first = true;
      }
      out.append(first ? "" : " ").append(word);
      column += word.length() + (first ? 0 : 1);
      first = false;
    }
    return out.toString();
  }

  private int print(List<Diagnosis.Finding> findings) {
    PrintWriter out = spec.commandLine().getOut();
    for (Diagnosis.Finding finding : findings) {
      String head =
          String.format("%-5s %-16s ", finding.good() ? "ok" : "WRONG", finding.subject());
      out.println(folded(head, finding.text()));
    }
    return findings.stream().allMatch(Diagnosis.Finding::good) ? 0 : 1;
  }
}
