// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.edge.execute.Reach.State;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is believed of the cache, in all states, and when it is asked. */
final class ReachTest {
  private static final long NOW = -5_000_000_000L; // the monotonic clock begins anywhere
  private static final RandomGenerator RANDOM = new SplittableRandom(11);

  private static final Map<String, UnaryOperator<Reach>> EVENTS =
      Map.of(
          "carried out", Reach::carriedOut,
          "doubted", reach -> reach.doubted(NOW),
          "missed", reach -> reach.missed(NOW, RANDOM),
          "answered", reach -> reach.probed(true, NOW, RANDOM),
          "not answered", reach -> reach.probed(false, NOW, RANDOM));

  @ParameterizedTest(name = "{0}, {1}: {2} after {3} misses")
  @CsvSource({
    "REACHED, carried out, REACHED, 0",
    "REACHED, doubted, DOUBTED, 3",
    "REACHED, missed, LOST, 4",
    "REACHED, answered, REACHED, 3",
    "REACHED, not answered, REACHED, 3",
    "DOUBTED, carried out, DOUBTED, 3",
    "DOUBTED, doubted, DOUBTED, 3",
    "DOUBTED, missed, LOST, 4",
    "DOUBTED, answered, REACHED, 3",
    "DOUBTED, not answered, LOST, 4",
    "LOST, carried out, LOST, 3",
    "LOST, doubted, LOST, 3",
    "LOST, missed, LOST, 3",
    "LOST, answered, REACHED, 3",
    "LOST, not answered, LOST, 4",
  })
  void every_event_in_every_state(State state, String event, State then, int misses) {
    Reach next = EVENTS.getOrDefault(event, reach -> reach).apply(new Reach(state, 3, NOW));

    assertThat(next.state()).isEqualTo(then);
    assertThat(next.misses()).isEqualTo(misses);
  }

  @Test
  void at_the_start_it_is_asked_at_once_and_work_is_taken_meanwhile() {
    Reach start = Reach.unknown(NOW);

    assertThat(start.isProbeDue(NOW)).isTrue();
    assertThat(start.isLost()).isFalse();
  }

  @Test
  void a_doubt_is_looked_into_at_once_and_who_is_reached_is_not_asked() {
    Reach reached = Reach.unknown(NOW - 1).probed(true, NOW, RANDOM);

    assertThat(reached.isProbeDue(Long.MAX_VALUE / 4)).isFalse();
    assertThat(reached.doubted(NOW).isProbeDue(NOW)).isTrue();
  }

  /** Full jitter: each pause is drawn from the whole of an interval that doubles to ten seconds. */
  @ParameterizedTest(name = "after {0} misses at most {1} ms")
  @CsvSource({"1, 500", "2, 1000", "3, 2000", "4, 4000", "5, 8000", "6, 10000", "1000, 10000"})
  void the_pause_doubles_and_has_full_jitter(int misses, long most) {
    var random = new SplittableRandom(misses);
    long least = Long.MAX_VALUE;
    long longest = 0;
    for (int i = 0; i < 2_000; i++) {
      Reach lost = new Reach(State.LOST, misses - 1, NOW).probed(false, NOW, random);
      least = Math.min(least, lost.probeAt() - NOW);
      longest = Math.max(longest, lost.probeAt() - NOW);
    }

    long whole = Duration.ofMillis(most).toNanos();
    assertThat(least).isBetween(0L, whole / 50);
    assertThat(longest).isBetween(whole - whole / 50, whole);
  }

  @ParameterizedTest(name = "after {0} misses")
  @ValueSource(ints = {1, 7})
  void a_cache_that_comes_and_goes_is_asked_ever_more_slowly(int misses) {
    Reach back = new Reach(State.LOST, misses, NOW).probed(true, NOW, RANDOM);

    assertThat(back.missed(NOW, RANDOM).misses()).isEqualTo(misses + 1);
    assertThat(back.carriedOut().missed(NOW, RANDOM).misses())
        .as("once it has carried out something")
        .isEqualTo(1);
  }

  @Test
  void misses_have_an_end() {
    Reach reach = Reach.unknown(NOW);
    for (int i = 0; i < 2_000; i++) {
      reach = reach.probed(false, NOW, RANDOM);
    }

    assertThat(reach.misses()).isEqualTo(1_000);
    assertThat(reach.probeAt() - NOW).isBetween(0L, Reach.LONGEST_PAUSE.toNanos());
  }
}
