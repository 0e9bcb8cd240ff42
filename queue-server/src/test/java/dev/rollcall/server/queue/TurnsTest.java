// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class TurnsTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);

  private Turns at(int rowsPerSecond) {
    var turns = new Turns(2, nanos::get);
    turns.took(rowsPerSecond / 20, Duration.ofMillis(100));
    return turns;
  }

  @Test
  void an_answer_is_as_long_as_half_a_second_allows_for_all_who_wait() {
    assertThat(at(80_000).most(500)).isEqualTo(40);
    assertThat(at(80_000).most(1_000)).isEqualTo(20);
    assertThat(at(40_000).most(500)).isEqualTo(20);
  }

  @Test
  void while_few_executions_pass_many_others_answers_are_shorter() {
    Turns turns = at(100_000);
    turns.hurry();
    assertThat(turns.most(1_000)).isEqualTo(6);
    nanos.addAndGet(Duration.ofMillis(499).toNanos());
    assertThat(turns.most(1_000)).isEqualTo(6);

    nanos.addAndGet(Duration.ofMillis(1).toNanos());

    assertThat(turns.most(1_000)).isEqualTo(25);
  }

  @Test
  void nobody_is_handed_less_than_a_poll_is_worth() {
    assertThat(at(80_000).most(20_000)).isEqualTo(Turns.LEAST);
  }

  @Test
  void who_waits_for_nobody_is_handed_what_it_asks_for() {
    assertThat(at(80_000).most(0)).isEqualTo(Integer.MAX_VALUE);
    assertThat(new Turns(2, nanos::get).most(1_000)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void batches_that_bring_nothing_are_not_the_rule_either() {
    Turns turns = at(80_000);
    for (int i = 0; i < 100; i++) {
      turns.took(0, Duration.ofMillis(5));
    }

    assertThat(turns.most(500)).isEqualTo(40);
  }

  @Test
  void one_slow_batch_is_not_the_rule() {
    Turns turns = at(80_000);
    turns.took(2_000, Duration.ofSeconds(1));

    assertThat(turns.most(500)).isBetween(30, 40);
  }
}
