// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.lifecycle;

import java.time.Duration;

/**
 * The monotonic clock, by which leases and waits are measured: it does not move when somebody sets
 * the time. Only differences mean anything.
 */
@FunctionalInterface
public interface Ticker {
  long nanos();

  static Ticker system() {
    return System::nanoTime;
  }

  default Duration since(long earlierNanos) {
    return Duration.ofNanos(nanos() - earlierNanos);
  }
}
