// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Rates: for each key a bucket of tokens that holds a minute's worth and fills evenly. In memory:
 * each node counts for itself. Thread-safe.
 */
public final class Rates<K> {
  private static final double NANOS_PER_MINUTE = 60e9;

  /** A bucket that was left alone for a minute is full, and as good as none. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(2);

  private record Bucket(double tokens, long atNanos) {}

  private final Cache<K, Bucket> buckets =
      Caffeine.newBuilder().expireAfterAccess(FORGOTTEN).build();
  private final LongSupplier nanoTime;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public Rates(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Takes a token; answers 0, or in how many seconds there is one.
   *
   * @param consume false: only looks
   */
  public double take(K key, int perMinute, boolean consume) {
    double[] missing = new double[1];
    buckets
        .asMap()
        .compute(
            key,
            (same, before) -> {
              Bucket now = filled(before, perMinute);
              missing[0] = Math.max(0, 1 - now.tokens());
              return missing[0] == 0 && consume ? new Bucket(now.tokens() - 1, now.atNanos()) : now;
            });
    return missing[0] * 60 / perMinute;
  }

  public void giveBack(K key, int perMinute) {
    buckets
        .asMap()
        .computeIfPresent(
            key,
            (same, before) -> {
              Bucket now = filled(before, perMinute);
              return new Bucket(Math.min(perMinute, now.tokens() + 1), now.atNanos());
            });
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
