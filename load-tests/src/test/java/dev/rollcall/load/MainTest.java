// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The exit statuses that need no run; 0 and 1 after a run are those of the scenario. */
final class MainTest {
  private record Ended(int status, String out, String err) {}

  private static Ended run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int status =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Ended(status, out.toString(), err.toString());
  }

  @Test
  void help_ends_with_0() {
    Ended ended = run("burst", "--help");

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).contains("--edges", "3   the run could not be made");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--nothing", "nothing", "burst --nothing", "burst --edges=7"})
  void a_wrong_command_line_ends_with_2(String line) {
    Ended ended = run(line.isEmpty() ? new String[0] : line.split(" ", -1));

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).isNotBlank();
  }

  @Test
  void a_run_that_cannot_be_made_ends_with_3_and_shows_why(@TempDir Path directory)
      throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");

    Ended ended = run("floor", "--data=" + file.resolve("data"));

    assertThat(ended.status()).isEqualTo(3);
    assertThat(ended.err()).contains("Exception", "\tat dev.rollcall.");
  }

  @Test
  void every_scenario_has_the_same_status_for_that() {
    assertThat(Main.commandLine().getSubcommands().values())
        .isNotEmpty()
        .extracting(CommandLine::getCommandSpec)
        .allMatch(spec -> spec.exitCodeOnExecutionException() == 3);
  }
}
