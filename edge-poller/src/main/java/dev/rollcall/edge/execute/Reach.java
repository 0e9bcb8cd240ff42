// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Whether the cache can be reached, as far as is known, and when it is to be asked next. Immutable;
 * without clock and thread. RATIONALE.md has the picture.
 *
 * @param misses how often in a row it was not there; from it follows the pause before a probe. An
 *     answered probe leaves it as it is, only an execution that was carried out begins anew: a
 *     cache that comes and goes is not tried at the pace of one that has just gone
 * @param probeAt when it is to be asked, by the monotonic clock; means nothing while it is reached
 */
record Reach(State state, int misses, long probeAt) {
  enum State {
    /** Takes work. */
    REACHED,
    /** Takes work; something went wrong that may be the cache's fault or one object's. */
    DOUBTED,
    /** Takes none. */
    LOST
  }

  /** The pause before the first probe is drawn from zero to this; it doubles with each miss. */
  static final Duration FIRST_PAUSE = Duration.ofMillis(500);

  static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** At the start it is not known, and looked at once: the cache may start later than this. */
  static Reach unknown(long now) {
    return new Reach(State.DOUBTED, 0, now);
  }

  boolean isLost() {
    return state == State.LOST;
  }

  boolean isProbeDue(long now) {
    return state != State.REACHED && probeAt - now <= 0;
  }

  /** An execution was carried out. */
  Reach carriedOut() {
    return state == State.REACHED ? new Reach(State.REACHED, 0, 0) : this;
  }

  /** An execution ended in a way that may be the cache's fault. */
  Reach doubted(long now) {
    return state == State.REACHED ? new Reach(State.DOUBTED, misses, now) : this;
  }

  /** An execution found that the cache is certainly away. */
  Reach missed(long now, RandomGenerator random) {
    return state == State.LOST ? this : lost(now, random);
  }

  Reach probed(boolean answered, long now, RandomGenerator random) {
    if (state == State.REACHED) {
      return this;
    }
    return answered ? new Reach(State.REACHED, misses, 0) : lost(now, random);
  }

  private Reach lost(long now, RandomGenerator random) {
    int next = Math.min(misses + 1, 1_000);
    return new Reach(State.LOST, next, now + random.nextLong(longestPause(next) + 1));
  }

  /** In nanoseconds. */
  static long longestPause(int misses) {
    return Math.min(FIRST_PAUSE.toNanos() << Math.min(misses - 1, 10), LONGEST_PAUSE.toNanos());
  }
}
