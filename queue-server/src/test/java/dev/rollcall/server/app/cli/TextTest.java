// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The small pieces that text is made of. */
class TextTest {
  @Test
  void nothing_printable_moves_the_cursor_or_turns_the_direction() {
    assertThat(Printable.text("Köln \033[2J\n\u009b2J\u202eabc\u2066"))
        .isEqualTo("Köln \\u001b[2J\\u000a\\u009b2J\\u202eabc\\u2066");
    assertThat(Printable.json("{\n  \"a\" : \"\u009b\"\n}"))
        .isEqualTo("{\n  \"a\" : \"\\u009b\"\n}");
  }

  @Test
  void clipping_keeps_the_width() {
    assertThat(Printable.clip("abcdef", 6, "...")).isEqualTo("abcdef");
    assertThat(Printable.clip("abcdef", 5, "...")).isEqualTo("ab...");
    assertThat(Printable.clip("abcdef", 2, "...")).isEqualTo("ab");
    assertThat(Printable.clip("abcdef", 0, "...")).isEmpty();
  }

  @Test
  void signs_are_those_that_the_charset_has() {
    assertThat(Glyphs.of(StandardCharsets.UTF_8)).isEqualTo(Glyphs.UNICODE);
    assertThat(Glyphs.of(StandardCharsets.US_ASCII)).isEqualTo(Glyphs.ASCII);
    assertThat(Glyphs.of(StandardCharsets.ISO_8859_1)).isEqualTo(Glyphs.ASCII);
  }

  @Test
  void a_terminal_s_size_is_read_or_the_usual() {
    assertThat(TerminalSize.parse("50 132\n")).contains(new TerminalSize(132, 50));
    assertThat(TerminalSize.parse("0 0\n")).isEmpty();
    assertThat(TerminalSize.parse("")).isEmpty();
    assertThat(TerminalSize.parse("stty: standard input")).isEmpty();
    assertThat(TerminalSize.read(Map.of("COLUMNS", "77", "LINES", "9")))
        .isEqualTo(new TerminalSize(77, 9));
  }

  @Test
  void numbers_stand_to_the_right() {
    var columns = List.of(new TableView.Column("a", false), new TableView.Column("n", true));

    assertThat(TableView.lines(columns, List.of(List.of("xyz", "1"), List.of("", "100"))))
        .containsExactly("a      n", "---  ---", "xyz    1", "     100");
    assertThat(TableView.lines(columns, List.of())).containsExactly("a  n", "-  -");
  }

  @Test
  void waits_double_up_to_a_limit_and_begin_anew() {
    var backoff = new Backoff(new Random(7));

    List<Long> millis = IntStream.range(0, 8).mapToObj(_ -> backoff.next().toMillis()).toList();

    assertThat(millis.getFirst()).isBetween(125L, 250L);
    assertThat(millis.get(2)).isBetween(500L, 1_000L);
    assertThat(millis.getLast()).isBetween(2_500L, 5_000L);
    backoff.reset();
    assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(250));
  }

  @Test
  void totals_in_words() {
    var totals = new Totals(10, 1, 1, 3, 1, 1, 1, 1, 1);

    assertThat(totals.ended()).isEqualTo(8);
    assertThat(totals.details())
        .isEqualTo(
            "1 processed, 1 failed, 1 rejected, 1 expired, 1 cancelled, 1 leased, 1 pending");
    assertThat(totals.ends())
        .isEqualTo("3 succeeded, 1 processed, 1 failed, 1 rejected, 1 expired, 1 cancelled");
  }

  @Test
  void no_colour_without_a_terminal_and_with_no_color() {
    Screen none = Screen.of(System.out, Map.of("TERM", "dumb"));

    assertThat(none.live()).isFalse();
    assertThat(none.paint(Screen.Colour.BAD, "x")).isEqualTo("x");
  }
}
