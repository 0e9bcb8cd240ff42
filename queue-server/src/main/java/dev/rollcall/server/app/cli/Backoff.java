// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before trying again: twice as long each time, up to 5 s, half of it at random,
 * so that many watchers of one server do not all return at once. Confined to one thread.
 */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final RandomGenerator random;
  private Duration next = FIRST;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  Duration next() {
    long half = next.toNanos() / 2;
    next = next.multipliedBy(2).compareTo(LONGEST) < 0 ? next.multipliedBy(2) : LONGEST;
    return Duration.ofNanos(half + random.nextLong(half + 1));
  }

  void reset() {
    next = FIRST;
  }
}
