// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PaceTest {
  private static final Duration NONE = Duration.ZERO;

  private RandomGenerator random;

  @BeforeEach
  void seed() {
    long seed = System.nanoTime();
    System.out.println("PaceTest seed " + seed);
    random = new SplittableRandom(seed);
  }

  @Test
  void work_and_whole_waits_are_followed_at_once() {
    assertThat(pause(new Signal.Busy(NONE))).isEqualTo(NONE);
    assertThat(pause(new Signal.Quiet(NONE))).isEqualTo(NONE);
  }

  @Test
  void the_servers_hint_is_kept_with_up_to_a_quarter_more() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(pause(new Signal.Quiet(Duration.ofSeconds(40))))
          .isBetween(Duration.ofSeconds(40), Duration.ofSeconds(50));
      assertThat(pause(new Signal.Early(Duration.ofSeconds(40))))
          .isBetween(Duration.ofSeconds(40), Duration.ofSeconds(50));
    }
  }

  @Test
  void failures_wait_anything_up_to_a_bound_that_doubles_and_ends() {
    long[] bounds = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    for (int i = 0; i < 500; i++) {
      Pace pace = Pace.FRESH;
      for (long bound : bounds) {
        Pace.Step step = pace.after(new Signal.Failed(), random);
        assertThat(step.pause()).isBetween(NONE, Duration.ofSeconds(bound));
        pace = step.pace();
      }
    }
  }

  @Test
  void the_whole_interval_is_drawn_from() {
    Pace pace = new Pace(20, 0, 0);
    List<Long> seconds = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      seconds.add(pace.after(new Signal.Failed(), random).pause().toSeconds());
    }

    for (int from = 0; from < 60; from += 10) {
      long low = from;
      assertThat(seconds.stream().filter(s -> s >= low && s < low + 10).count())
          .as("from %s s on", from)
          .isBetween(1_300L, 2_050L);
    }
  }

  @Test
  void retry_after_is_the_least_and_has_jitter_and_a_cap() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(pause(throttled(20))).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(25));
      assertThat(pause(throttled(0))).isBetween(NONE, Duration.ofSeconds(1));
      assertThat(pause(throttled(1_000_000)))
          .isBetween(Pace.ASKED_CAP, Pace.ASKED_CAP.multipliedBy(5).dividedBy(4));
    }
    assertThat(pause(new Signal.Throttled(Optional.empty())))
        .isBetween(NONE, Duration.ofSeconds(1));
  }

  @Test
  void nobody_is_sent_away_for_years() {
    Duration asked = Duration.ofSeconds(Integer.MAX_VALUE);

    for (Signal signal : List.of(new Signal.Busy(asked), new Signal.Quiet(asked))) {
      assertThat(pause(signal))
          .isBetween(Pace.ASKED_CAP, Pace.ASKED_CAP.multipliedBy(5).dividedBy(4));
    }
  }

  @Test
  void who_is_not_known_hibernates_with_slow_probes() {
    for (int i = 0; i < 500; i++) {
      Pace pace = Pace.FRESH;
      for (int denial = 0; denial < 20; denial++) {
        Pace.Step step = pace.after(new Signal.Denied(), random);
        assertThat(step.pause()).isBetween(Duration.ofSeconds(30), Pace.PROBE_CAP);
        pace = step.pace();
      }
      assertThat(pace.after(new Signal.Denied(), random).pause())
          .isGreaterThanOrEqualTo(Pace.PROBE_CAP.dividedBy(2));
    }
  }

  @Test
  void answers_that_come_too_early_never_make_a_busy_loop() {
    Pace pace = Pace.FRESH;
    Duration sum = NONE;
    for (int i = 0; i < 1_000; i++) {
      Pace.Step step = pace.after(new Signal.Early(NONE), random);
      assertThat(step.pause()).isBetween(NONE, Pace.EARLY_CAP);
      sum = sum.plus(step.pause());
      pace = step.pace();
    }
    assertThat(sum.dividedBy(1_000)).isGreaterThan(Duration.ofSeconds(4));
  }

  @Test
  void an_answer_ends_the_memory_of_failures() {
    Pace pace = new Pace(9, 0, 0);

    pace = pace.after(new Signal.Quiet(NONE), random).pace();

    assertThat(pace).isEqualTo(Pace.FRESH);
    assertThat(pace.after(new Signal.Failed(), random).pause())
        .isLessThanOrEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void no_sequence_of_signals_leads_out_of_bounds() {
    List<Signal> signals =
        List.of(
            new Signal.Busy(NONE),
            new Signal.Quiet(Duration.ofSeconds(3)),
            new Signal.Early(NONE),
            throttled(7),
            new Signal.Denied(),
            new Signal.Failed());
    Pace pace = new Pace(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
    for (int i = 0; i < 100_000; i++) {
      Pace.Step step = pace.after(signals.get(random.nextInt(signals.size())), random);
      assertThat(step.pause()).isBetween(NONE, Pace.PROBE_CAP);
      pace = step.pace();
    }
  }

  private Duration pause(Signal signal) {
    return Pace.FRESH.after(signal, random).pause();
  }

  private static Signal throttled(long seconds) {
    return new Signal.Throttled(Optional.of(Duration.ofSeconds(seconds)));
  }
}
