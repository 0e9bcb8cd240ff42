// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressViewTest {
  private static final Screen PLAIN = screen(false, Glyphs.ASCII);

  private static Screen screen(boolean colour, Glyphs glyphs) {
    return new Screen(true, colour, glyphs, () -> TerminalSize.USUAL);
  }

  private static CommandStatus status(String json) {
    return CommandStatus.read(Json.parse(json.getBytes(StandardCharsets.UTF_8)));
  }

  private static CommandStatus withParts(List<CommandStatus.Part> parts) {
    Instant now = CliRun.NOW;
    return new CommandStatus("c-1", "purge", "active", 1, now, null, now, totals(9, 3, 0), parts);
  }

  private static Totals totals(int targeted, int succeeded, int failed) {
    return new Totals(targeted, targeted - succeeded - failed, 0, succeeded, failed, 0, 0, 0, 0);
  }

  private static List<String> draw(CommandStatus status, int columns, int rows) {
    return new ProgressView(PLAIN).draw(status, Duration.ZERO, new TerminalSize(columns, rows));
  }

  @Test
  void a_bar_for_each_participant() {
    List<String> lines = draw(status(CommandJson.of("c-1", "active", 1, 1, 0)), 59, 24);

    assertThat(lines)
        .containsExactly(
            "active | 1 of 3 | 1.5 s | purge c-1",
            "alpha  ##########----------  1/2  1 pending",
            "beta   --------------------  0/1  1 pending");
  }

  @Test
  void what_ended_badly_is_seen_in_the_bar() {
    List<String> lines = draw(status(CommandJson.failed("c-1")), 59, 24);

    assertThat(lines.getLast()).isEqualTo("alpha  ##########xxxxxxxxxx  2/2  1 failed");
  }

  @Test
  void one_failure_among_thousands_is_seen() {
    var part = new CommandStatus.Part("alpha", "active", totals(10_000, 9_000, 1));

    String bar = draw(withParts(List.of(part)), 80, 24).getLast();

    assertThat(bar).contains("#x-").contains("9001/10000");
  }

  @Test
  void what_is_done_leaves_no_gap() {
    var part = new CommandStatus.Part("alpha", "failed", totals(3, 2, 1));

    assertThat(draw(withParts(List.of(part)), 80, 24).getLast()).doesNotContain("-");
  }

  @Test
  void a_part_without_targets_is_done() {
    var part = new CommandStatus.Part("alpha", "complete", totals(0, 0, 0));

    assertThat(draw(withParts(List.of(part)), 80, 24).getLast()).contains("###  0/0  complete");
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 21, 30, 39, 40, 50, 60, 80, 132, 200, 500})
  void no_line_is_wider_than_the_terminal(int columns) {
    var parts =
        List.of(
            new CommandStatus.Part("alpha", "active", totals(1_000_000, 1, 999_998)),
            new CommandStatus.Part(
                "a-participant-with-a-very-long-name", "active", totals(3, 1, 1)));

    List<String> lines = draw(withParts(parts), columns, 24);

    assertThat(lines).hasSize(3).allSatisfy(line -> assertThat(line).hasSizeLessThan(columns));
  }

  @Test
  void more_participants_than_rows_are_counted_and_the_open_ones_shown() {
    List<CommandStatus.Part> parts =
        IntStream.range(0, 30)
            .mapToObj(i ->
                new CommandStatus.Part(
                    "p" + i, i < 28 ? "complete" : "active", totals(1, i < 28 ? 1 : 0, 0)))
            .toList();

    List<String> lines = draw(withParts(parts), 80, 10);

    assertThat(lines).hasSizeLessThan(10);
    assertThat(lines.get(1)).startsWith("p28");
    assertThat(lines.get(2)).startsWith("p29");
    assertThat(lines.getLast()).isEqualTo("  and 24 more");
  }

  @Test
  void time_goes_on_while_nothing_changes_and_stops_at_the_end() {
    var view = new ProgressView(PLAIN);

    assertThat(
            view.draw(
                    status(CommandJson.of("c", "active", 1, 1, 0)),
                    Duration.ofSeconds(4),
                    TerminalSize.USUAL)
                .getFirst())
        .contains("| 5.5 s |");
    assertThat(
            view.draw(
                    status(CommandJson.of("c", "complete", 3, 2, 1)),
                    Duration.ofSeconds(4),
                    TerminalSize.USUAL)
                .getFirst())
        .contains("| 0.2 s |");
  }

  @Test
  void colours_only_where_they_are_wanted() {
    CommandStatus status = status(CommandJson.failed("c-1"));
    TerminalSize size = TerminalSize.USUAL;

    assertThat(new ProgressView(screen(true, Glyphs.UNICODE)).draw(status, Duration.ZERO, size))
        .anyMatch(line -> line.contains("\033[31m▒"));
    assertThat(new ProgressView(screen(false, Glyphs.UNICODE)).draw(status, Duration.ZERO, size))
        .noneMatch(line -> line.contains("\033"));
  }

  @Test
  void a_live_view_covers_what_it_drew_before() {
    var bytes = new ByteArrayOutputStream();
    var live = new LiveView(new PrintStream(bytes, true, StandardCharsets.UTF_8), PLAIN);

    live.changed(status(CommandJson.of("c-1", "active", 1, 1, 0)));
    live.trouble("cannot reach it");
    live.tick(Duration.ofSeconds(1));
    live.recovered();
    live.changed(status(CommandJson.of("c-1", "complete", 3, 2, 1)));

    String drawn = bytes.toString(StandardCharsets.UTF_8);
    assertThat(drawn).startsWith("\ractive");
    assertThat(drawn).contains("\033[3A\ractive").contains("\033[4A\ractive");
    assertThat(drawn).contains("cannot reach it\033[K\n");
    assertThat(drawn.substring(drawn.lastIndexOf("\033[4A")))
        .contains("complete")
        .endsWith("\033[J");
  }
}
