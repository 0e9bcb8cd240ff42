// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import static dev.rollcall.load.scenario.RatiosTest.usage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.load.goal.Figure;
import dev.rollcall.load.goal.Verdict;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.history.Violations.Promise;
import dev.rollcall.load.measure.Upkeep;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class FindingsTest {
  private static final Upkeep NONE = new Upkeep(false, 0, 0);

  private final Findings findings = new Findings();

  private void round(long floor, long raw) {
    findings.add(Step.FLOOR, usage(floor, 0, NONE));
    findings.add(Step.RAW, usage(raw, 0, NONE));
  }

  @Test
  void what_is_compared_has_a_ratio_for_each_round() {
    round(100, 60);
    round(1_000, 900);
    round(100, 70);

    findings.compare();

    assertThat(findings.board().verdict(Figure.RAW)).isEqualTo(Verdict.FLOOR);
    assertThat(findings.board().table("").toString())
        .containsPattern("raw / floor +0\\.70 \\[0\\.60-0\\.90\\]");
    assertThat(findings.costs().toString()).containsPattern("\nraw +7\\.00 ");
  }

  @Test
  void a_step_that_failed_takes_the_verdict_from_its_figures_and_from_no_others() {
    round(100, 90);
    findings.failed("round 1, latency", Step.LATENCY, new IOException("status 503"));
    round(100, 90);
    findings.add(Step.LATENCY, usage(5, 0, NONE));
    findings.board().add(Figure.LATENCY_MEDIAN, 1);

    findings.compare();

    assertThat(findings.isUnfinished()).isTrue();
    assertThat(findings.board().verdict(Figure.LATENCY_MEDIAN)).isEqualTo(Verdict.UNKNOWN);
    assertThat(findings.board().verdict(Figure.RAW)).isEqualTo(Verdict.AIM);
    assertThat(findings.board().table("").toString())
        .containsPattern("latency: p50, ms +1\\.00 \\[1\\.00-1\\.00\\] .* -\n");
    assertThat(findings.costs().toString()).containsPattern("\nlatency +0\\.50 ");
    assertThat(findings.doubts()).contains("round 1, latency FAILED:\n  status 503");
  }

  @Test
  void a_failed_step_leaves_rounds_in_their_places() {
    round(100, 90);
    findings.failed("round 2, floor", Step.FLOOR, new IOException("gone"));
    findings.add(Step.RAW, usage(1, 0, NONE));
    round(100, 80);

    findings.compare();

    assertThat(findings.board().verdict(Figure.RAW)).isEqualTo(Verdict.UNKNOWN);
    assertThat(findings.board().table("").toString())
        .containsPattern("raw / floor +0\\.85 \\[0\\.80-0\\.90\\]");
  }

  @Test
  void a_broken_promise_says_where() {
    var violations = new Violations();
    violations.add(Promise.LOST, "one");

    findings.judged("round 1, fair", violations);
    findings.judged("round 2, fair", new Violations());

    assertThat(findings.doubts())
        .contains("a promise was BROKEN in round 1, fair")
        .noneMatch(line -> line.contains("round 2"));
    assertThat(Shown.status(findings.judged())).isEqualTo(1);
  }

  @Test
  void a_backlog_that_did_not_last_is_told() {
    findings.waited(100);
    findings.waited(0);

    assertThat(findings.doubts()).anyMatch(line -> line.contains("GONE"));
  }
}
