// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.schedule;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Where one caller stands: what went wrong how often in a row. Immutable.
 *
 * @param failures calls in a row that failed or were throttled without saying for how long
 * @param denials calls in a row that were answered 401 or 403
 * @param early polls in a row that were answered empty before their time
 */
public record Pace(int failures, int denials, int early) {
  /** Before the first call. */
  public static final Pace FRESH = new Pace(0, 0, 0);

  /** The longest wait after a failure. */
  public static final Duration FAILURE_CAP = Duration.ofSeconds(60);

  /** The longest wait after an answer that came too early. */
  public static final Duration EARLY_CAP = Duration.ofSeconds(10);

  /** Between probes of a server that does not know this poller: at least the half of this. */
  public static final Duration FIRST_PROBE = Duration.ofMinutes(1);

  public static final Duration PROBE_CAP = Duration.ofMinutes(10);

  /**
   * A {@code Retry-After} or {@code pollAfterSeconds} beyond this is a mistake, or would look like
   * a dead poller.
   */
  public static final Duration ASKED_CAP = Duration.ofHours(1);

  private static final Duration FAILURE_BASE = Duration.ofSeconds(1);
  private static final Duration EARLY_BASE = Duration.ofMillis(250);

  /**
   * @param pause before the next call
   * @param pace to be given the next signal
   */
  public record Step(Pace pace, Duration pause) {}

  public Step after(Signal signal, RandomGenerator random) {
    return switch (signal) {
      case Signal.Busy(Duration pollAfter) -> new Step(FRESH, spread(pollAfter, random));
      case Signal.Quiet(Duration pollAfter) -> new Step(FRESH, spread(pollAfter, random));
      case Signal.Early(Duration pollAfter) -> tooEarly(pollAfter, random);
      case Signal.Throttled(Optional<Duration> retryAfter) ->
          retryAfter.isPresent() ? throttled(retryAfter.get(), random) : failed(random);
      case Signal.Denied() -> denied(random);
      case Signal.Failed() -> failed(random);
    };
  }

  private Step tooEarly(Duration pollAfter, RandomGenerator random) {
    var next = new Pace(0, 0, more(early));
    Duration pause = upTo(doubled(EARLY_BASE, next.early, EARLY_CAP), random);
    Duration asked = spread(pollAfter, random);
    return new Step(next, asked.compareTo(pause) > 0 ? asked : pause);
  }

  private Step failed(RandomGenerator random) {
    var next = new Pace(more(failures), 0, 0);
    return new Step(next, upTo(doubled(FAILURE_BASE, next.failures, FAILURE_CAP), random));
  }

  /** A throttled call is no failure of its own making: the count stays. */
  private Step throttled(Duration retryAfter, RandomGenerator random) {
    Duration least = min(retryAfter, ASKED_CAP);
    Duration jitter = upTo(max(least.dividedBy(4), FAILURE_BASE), random);
    return new Step(new Pace(failures, 0, 0), least.plus(jitter));
  }

  /** From the upper half only: a probe is to be slow, and is spread widely enough by it. */
  private Step denied(RandomGenerator random) {
    var next = new Pace(0, more(denials), 0);
    Duration half = doubled(FIRST_PROBE, next.denials, PROBE_CAP).dividedBy(2);
    return new Step(next, half.plus(upTo(half, random)));
  }

  private static Duration spread(Duration pollAfter, RandomGenerator random) {
    Duration least = min(pollAfter, ASKED_CAP);
    return least.isPositive() ? least.plus(upTo(least.dividedBy(4), random)) : Duration.ZERO;
  }

  private static Duration doubled(Duration base, int times, Duration cap) {
    return min(base.multipliedBy(1L << Math.min(times - 1, 20)), cap);
  }

  private static Duration upTo(Duration most, RandomGenerator random) {
    return Duration.ofNanos(random.nextLong(most.toNanos() + 1));
  }

  private static int more(int count) {
    return count == Integer.MAX_VALUE ? count : count + 1;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }
}
