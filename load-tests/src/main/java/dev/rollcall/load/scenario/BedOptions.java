// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.database.Database;
import dev.rollcall.load.process.ServerOptions;
import dev.rollcall.load.report.ResultFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the server under test is, and where results go; the same for all scenarios. */
final class BedOptions {
  @Option(
      names = "--jar",
      defaultValue = "../queue-server/target/queue-server.jar",
      description = "The product's jar (default: ${DEFAULT-VALUE}).")
  private Path jar = Path.of("queue-server.jar");

  @Option(names = "--data", description = "Data directory, kept; default: a temporary one.")
  private @Nullable Path data;

  @Option(
      names = "--server-java-option",
      description = "An option for the server's JVM; may be repeated.")
  private List<String> javaOptions = List.of();

  @Option(names = "--results", description = "Also write the text and a plot into this directory.")
  private @Nullable Path results;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  /** Refuses the command line unless this is so. */
  void require(boolean allowed, String otherwise) {
    if (!allowed) {
      throw new ParameterException(commandLine(), otherwise);
    }
  }

  /** Shows what was found, with how and where; keeps it too, if a directory for that was named. */
  void show(String text, String svg) {
    CommandLine command = commandLine();
    String how = String.join(" ", command.getParseResult().originalArgs());
    String whole = text + "\n" + how + "\n" + Surroundings.describe() + "\n";
    command.getOut().print(whole);
    command.getOut().flush();
    if (results != null) {
      new ResultFiles(results).write(command.getCommandName(), whole, svg);
    }
  }

  private CommandLine commandLine() {
    return Objects.requireNonNull(spec).commandLine();
  }

  /** A directory of this run; deleted afterwards unless it was named. */
  interface Work<T> {
    T run(Path directory) throws IOException;
  }

  <T> T withData(Work<T> work) throws IOException {
    if (data != null) {
      return work.run(data.toAbsolutePath());
    }
    Path temporary = Files.createTempDirectory("rollcall-load-");
    try {
      return work.run(temporary);
    } finally {
      delete(temporary);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /**
   * A server with its data and its log in this directory, or on the database of the environment.
   */
  ServerOptions server(Path directory) {
    String url = System.getenv("ROLLCALL_DATABASE_URL");
    Database external =
        url == null || url.isEmpty()
            ? null
            : new Database(url, null, System.getenv("ROLLCALL_DATABASE_PASSWORD"));
    String token = "load-" + UUID.randomUUID() + UUID.randomUUID();
    return new ServerOptions(
        jar.toAbsolutePath(), directory.resolve("server"), external, javaOptions, token);
  }
}
