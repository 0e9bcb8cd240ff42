// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import dev.rollcall.server.app.cli.Timing;
import java.time.Duration;
import java.time.Instant;

/** Waits for something that cannot call back: another process that becomes ready. */
record Waiting(Timing timing) {
  /** What is waited for. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws InterruptedException;
  }

  /** Answers false if it did not come to hold within the limit. */
  boolean until(Condition condition, Duration lookAgain, Duration limit)
      throws InterruptedException {
    Instant end = timing.clock().instant().plus(limit);
    while (!condition.holds()) {
      if (!timing.clock().instant().isBefore(end)) {
        return false;
      }
      timing.pause().pause(lookAgain);
    }
    return true;
  }
}
