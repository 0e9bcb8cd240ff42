// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import static dev.rollcall.load.scenario.RatiosTest.usage;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.load.measure.Upkeep;
import dev.rollcall.load.measure.Usage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DisturbancesTest {
  private static final Usage QUIET = usage(1, 0.02, new Upkeep(false, 0, 0.1));

  @Test
  void each_kind_names_the_steps_and_rounds_it_fell_into() {
    Usage crowded = usage(1, 0.06, new Upkeep(false, 0, 0));
    Usage vacuumed = usage(1, 0, new Upkeep(false, 2, 0));
    Usage all = usage(1, 0.5, new Upkeep(true, 1, 0));

    assertThat(Disturbances.lines(Map.of(Step.RAW, List.of(crowded, QUIET, all, vacuumed))))
        .containsExactly(
            "other processes used above 5 % in",
            "  raw: round 1, 3",
            "a checkpoint ended in",
            "  raw: round 3",
            "autovacuum was at work in",
            "  raw: round 3, 4");
  }

  @Test
  void that_there_were_none_is_said_too() {
    assertThat(Disturbances.lines(Map.of(Step.RAW, List.of(QUIET))))
        .containsExactly(
            "other processes used above 5 % in no round",
            "a checkpoint ended in no round", "autovacuum was at work in no round");
  }
}
