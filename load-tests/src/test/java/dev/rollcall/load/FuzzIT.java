// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The scenario {@code fuzz} in short. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class FuzzIT {
  @TempDir private Path directory;

  @Test
  void nothing_fails_hangs_or_is_stored_beyond_what_was_answered() {
    var said = new StringWriter();

    int status =
        Main.commandLine()
            .setOut(new PrintWriter(said))
            .setErr(new PrintWriter(said))
            .execute(
                "fuzz",
                "--requests=4000",
                "--hostile=600",
                "--seed=7",
                "--data=" + directory.resolve("data"));

    String text = said.toString();
    assertThat(status).as(text).isZero();
    assertThat(text)
        .as("each kind of answer, or the requests miss what they are for")
        .contains("\n200 ", "\n202 ", "\n400 ", "\n401 ", "\n403 ", "\n404 ")
        .containsPattern("\n[1-9][0-9]* commands were accepted");
  }
}
