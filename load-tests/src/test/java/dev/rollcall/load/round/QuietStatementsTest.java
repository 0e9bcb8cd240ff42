// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class QuietStatementsTest {
  private final QuietStatements quiet = new QuietStatements();

  private void look(int second, long answers, long calls) {
    quiet.look(Map.of("select", calls), answers, TimeUnit.SECONDS.toNanos(second));
  }

  @Test
  void only_stretches_in_which_nobody_is_answered_count_and_the_first_after_an_answer_neither() {
    look(10, 5, 100);
    look(11, 5, 200); // nobody was answered, but what was before is not known
    look(12, 5, 203);
    look(13, 6, 303); // an answer
    look(14, 6, 403); // its aftermath
    look(16, 6, 412);

    assertThat(quiet.perSecond()).containsExactly(Map.entry("select", 4.0));
  }

  @Test
  void without_a_quiet_stretch_there_is_nothing_to_say() {
    look(1, 1, 1);
    look(2, 2, 2);
    look(3, 3, 3);

    assertThat(quiet.perSecond()).isEmpty();
  }
}
