// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.registry.Participant;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The rates of exposures: a token bucket for each that has one, which holds a minute's worth and
 * fills evenly. Each node counts what it accepts itself. Thread-safe.
 */
final class Quotas {
  private static final double NANOS_PER_MINUTE = 60e9;

  /** Whose rate, and under which exposure. */
  record Grant(short executing, short origin, Participant.Exposure exposure) {}

  private record Bucket(double tokens, long atNanos) {}

  private final ConcurrentMap<Grant, Bucket> buckets = new ConcurrentHashMap<>();
  private final LongSupplier nanoTime;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  Quotas(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * False when the rate is used up.
   *
   * @param consume false: only looks
   */
  boolean take(Grant grant, boolean consume) {
    Integer perMinute = grant.exposure().commandsPerMinute();
    if (perMinute == null) {
      return true;
    }
    boolean[] granted = new boolean[1];
    buckets.compute(
        grant,
        (key, before) -> {
          Bucket now = filled(before, perMinute);
          granted[0] = now.tokens() >= 1;
          return granted[0] && consume ? new Bucket(now.tokens() - 1, now.atNanos()) : now;
        });
    return granted[0];
  }

  /** What was taken for a command that was not accepted after all. */
  void giveBack(Collection<Grant> grants) {
    for (Grant grant : grants) {
      Integer perMinute = grant.exposure().commandsPerMinute();
      if (perMinute != null) {
        buckets.computeIfPresent(
            grant,
            (key, before) -> {
              Bucket now = filled(before, perMinute);
              return new Bucket(Math.min(perMinute, now.tokens() + 1), now.atNanos());
            });
      }
    }
  }

  private Bucket filled(@Nullable Bucket before, int perMinute) {
    long now = nanoTime.getAsLong();
    if (before == null) {
      return new Bucket(perMinute, now);
    }
    double grown = (now - before.atNanos()) * (perMinute / NANOS_PER_MINUTE);
    return new Bucket(Math.min(perMinute, before.tokens() + grown), now);
  }
}
