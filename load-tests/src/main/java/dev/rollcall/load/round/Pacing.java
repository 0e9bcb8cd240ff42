// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Lets time pass: for measurements that last as long as they are told to. */
final class Pacing {
  private Pacing() {}

  static void pass(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
