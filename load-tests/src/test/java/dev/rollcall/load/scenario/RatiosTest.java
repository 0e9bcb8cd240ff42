// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.load.measure.Upkeep;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.report.Figures;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RatiosTest {
  static Usage usage(long executions, double strangers, Upkeep upkeep) {
    return new Usage(executions, 10, 1, 2, 3, 700, strangers, upkeep);
  }

  private static Usage rate(long executions) {
    return usage(executions, 0, new Upkeep(false, 0, 0));
  }

  @Test
  void a_round_is_compared_with_itself_before_the_median_is_taken() {
    List<Usage> raw = List.of(rate(100), rate(300), rate(200));
    List<Usage> floor = List.of(rate(200), rate(300), rate(1_000));

    List<Double> ratios = Ratios.of(raw, floor, Usage::rate);

    assertThat(ratios).containsExactly(0.5, 1.0, 0.2);
    assertThat(Figures.median(ratios)).as("not 200 / 300").isEqualTo(0.5);
  }

  @Test
  void a_round_that_one_of_them_did_not_finish_is_not_compared() {
    assertThat(Ratios.of(List.of(rate(1), rate(2)), List.of(rate(2)), Usage::rate))
        .containsExactly(0.5);
  }
}
