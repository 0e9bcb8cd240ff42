// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.load.history.Violations;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class IdleRoundTest {
  private static IdleRound.Outcome outcome(Map<String, Double> statements) {
    return new IdleRound.Outcome(1, 0, 0, 0, 0, 0, 0, statements, new Violations());
  }

  @Test
  void a_statement_that_follows_the_number_of_polls_grows() {
    var few = outcome(Map.of("select now", 10.0, "look for work", 1.0));
    var many = outcome(Map.of("select now", 11.0, "look for work", 9.0, "never before", 2.0));

    assertThat(few.growing(many)).containsExactlyInAnyOrder("look for work", "never before");
  }

  @Test
  void upkeep_that_comes_by_the_clock_does_not() {
    var few = outcome(Map.of("remove old", 0.0, "beat", 1.0));
    var many = outcome(Map.of("remove old", 0.2, "beat", 1.1));

    assertThat(few.growing(many)).isEmpty();
  }
}
