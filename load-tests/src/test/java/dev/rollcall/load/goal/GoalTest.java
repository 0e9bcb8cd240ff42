// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.goal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class GoalTest {
  private static final Goal RATE = Goal.atLeast(0.5, 0.8);
  private static final Goal TIME = Goal.atMost(250, 100);

  @Test
  void a_bound_itself_is_reached() {
    assertThat(RATE.verdict(0.8)).isEqualTo(Verdict.AIM);
    assertThat(RATE.verdict(0.5)).isEqualTo(Verdict.FLOOR);
    assertThat(TIME.verdict(100)).isEqualTo(Verdict.AIM);
    assertThat(TIME.verdict(250)).isEqualTo(Verdict.FLOOR);
  }

  @Test
  void just_beyond_a_bound_is_not_reached() {
    assertThat(RATE.verdict(0.799)).isEqualTo(Verdict.FLOOR);
    assertThat(RATE.verdict(0.499)).isEqualTo(Verdict.MISSED);
    assertThat(TIME.verdict(100.1)).isEqualTo(Verdict.FLOOR);
    assertThat(TIME.verdict(250.1)).isEqualTo(Verdict.MISSED);
  }

  @Test
  void what_was_not_measured_is_neither_met_nor_missed() {
    assertThat(RATE.verdict(Double.NaN)).isEqualTo(Verdict.UNKNOWN);
    assertThat(RATE.verdict(Double.POSITIVE_INFINITY)).isEqualTo(Verdict.UNKNOWN);
    assertThat(TIME.verdict(Double.NEGATIVE_INFINITY)).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void nothing_at_all_can_be_asked_for() {
    assertThat(Goal.atMost(0, 0).verdict(0)).isEqualTo(Verdict.AIM);
    assertThat(Goal.atMost(0, 0).verdict(1)).isEqualTo(Verdict.MISSED);
  }

  @Test
  void a_score_grows_as_a_value_gets_better() {
    assertThat(RATE.score(0.5)).isEqualTo(1);
    assertThat(RATE.score(1)).isEqualTo(2);
    assertThat(TIME.score(250)).isEqualTo(1);
    assertThat(TIME.score(125)).isEqualTo(2);
    assertThat(Goal.atMost(0, 0).score(0)).isNaN();
    assertThat(TIME.score(0)).isNaN();
  }

  @Test
  void an_aim_below_the_floor_is_a_mistake() {
    assertThatIllegalArgumentException().isThrownBy(() -> Goal.atLeast(0.8, 0.5));
    assertThatIllegalArgumentException().isThrownBy(() -> Goal.atMost(100, 250));
  }
}
