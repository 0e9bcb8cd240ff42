// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.edge.journal.Backlog;
import dev.rollcall.edge.telemetry.StatusBoard;
import dev.rollcall.edge.telemetry.StatusReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StatusViewTest {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  private static StatusReport report() {
    var self = new StatusBoard.Self(7, "1", "i", "https://queue.example", "varnish", 16);
    return new StatusBoard(self, () -> NOON).report(() -> 0, () -> 0);
  }

  private static List<String> lines(Instant now) {
    return new StatusView(now).lines(Optional.of(report()), new Backlog(0, 0, 0), "pid 7");
  }

  @ParameterizedTest(name = "after {0} s: {1}")
  @CsvSource({"0, false", "60, false", "120, true"})
  void a_report_that_should_be_newer_says_so(int seconds, boolean stale) {
    Instant now = NOON.plusSeconds(seconds);

    assertThat(report().isStale(now)).isEqualTo(stale);
    assertThat(String.join("\n", lines(now)).contains("the poller hangs")).isEqualTo(stale);
  }

  @Test
  void a_cache_that_cannot_be_reached_is_a_problem_that_says_since_when_and_what_next() {
    var self = new StatusBoard.Self(7, "1", "i", "https://queue.example", "varnish", 16);
    var board = new StatusBoard(self, () -> NOON);
    String why = "Varnish at http://127.0.0.1:6081 refuses the connection; is varnishd running?";
    board.cacheLost(new StatusReport.CacheTrouble(NOON, why, NOON.plusSeconds(14)));
    StatusReport report = board.report(() -> 0, () -> 0);

    List<String> lines =
        new StatusView(NOON.plusSeconds(12))
            .lines(Optional.of(report), new Backlog(0, 0, 0), "pid 7");

    assertThat(report.isWell()).isFalse();
    assertThat(lines)
        .containsSubsequence(
            "cache     varnish",
            "problem   the cache cannot be reached since 12 s; no work is",
            "          taken for it; it is asked again in 2 s",
            "          " + why);
    board.cacheReached();
    assertThat(board.report(() -> 0, () -> 0).isWell()).isTrue();
  }

  @Test
  void lines_fit_a_terminal() {
    assertThat(lines(NOON.plusSeconds(1_000_000))).allMatch(line -> line.length() <= 80);
  }
}
