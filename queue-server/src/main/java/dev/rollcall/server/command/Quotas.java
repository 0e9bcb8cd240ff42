// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.registry.Participant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;

/**
 * The rates of exposures: a token bucket for each that has one, which holds a minute's worth and
 * fills evenly. Each node counts what it accepts itself. Thread-safe.
 */
final class Quotas {
  private static final double NANOS_PER_MINUTE = 60e9;

  private record Key(short executing, short origin, Participant.Exposure exposure) {}

  private record Bucket(double tokens, long atNanos) {}

  private final ConcurrentMap<Key, Bucket> buckets = new ConcurrentHashMap<>();
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
  boolean take(short executingId, short originId, Participant.Exposure exposure, boolean consume) {
    Integer perMinute = exposure.commandsPerMinute();
    if (perMinute == null) {
      return true;
    }
    long now = nanoTime.getAsLong();
    boolean[] granted = new boolean[1];
    buckets.compute(
        new Key(executingId, originId, exposure),
        (key, before) -> {
          double tokens = perMinute;
          if (before != null) {
            double grown = (now - before.atNanos()) * (perMinute / NANOS_PER_MINUTE);
            tokens = Math.min(perMinute, before.tokens() + grown);
          }
          granted[0] = tokens >= 1;
          return new Bucket(granted[0] && consume ? tokens - 1 : tokens, now);
        });
    return granted[0];
  }
}
