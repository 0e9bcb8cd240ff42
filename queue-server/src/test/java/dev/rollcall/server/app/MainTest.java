// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.app.cli.FakeSurroundings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class MainTest {
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine line = Main.commandLine(new FakeSurroundings().get());
    line.setErr(new PrintWriter(err, true));
    line.getSubcommands().values().forEach(each -> each.setErr(new PrintWriter(err, true)));
    return line.execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve --no-such-option",
        "doctor --data",
        "migrate surplus",
        "apply",
        "apply /no/such/file --data /no/such/directory",
        "submit --operation purge",
        "submit --file /no/such/file",
        "token create --role king",
        "watch",
        "cancel",
        "report --csv --json",
        "demo --edges 99"
      })
  void whoever_calls_wrongly_is_told_in_two_lines(String line) {
    assertThat(run(line.split(" "))).isEqualTo(2);

    List<String> told = err.toString().lines().toList();
    assertThat(told).hasSize(2).doesNotContainSubsequence("Usage:");
    assertThat(told.getLast()).matches("See queue-server( \\w+)* --help");
  }

  @Test
  void a_slip_of_the_pen_is_told_with_what_was_perhaps_meant() {
    assertThat(run("submti")).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly(
            "Unmatched argument at index 0: 'submti'",
            "Did you mean: queue-server submit?",
            "See queue-server --help");
  }

  @Test
  void without_any_argument_the_help_is_shown() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("Usage: queue-server").contains("submit");
  }
}
