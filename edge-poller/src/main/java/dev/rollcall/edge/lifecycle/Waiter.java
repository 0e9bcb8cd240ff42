// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.lifecycle;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A wait that can be ended from outside. A wake-up that comes before the wait is not lost: the next
 * wait returns at once. Thread-safe; one thread waits.
 */
public final class Waiter {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition woken = lock.newCondition();
  private boolean wake;

  public void wake() {
    lock.lock();
    try {
      wake = true;
      woken.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until woken, at most {@code most}; answers whether it was woken. */
  public boolean await(Duration most) throws InterruptedException {
    lock.lock();
    try {
      long left = most.toNanos();
      while (!wake && left > 0) {
        left = woken.awaitNanos(left);
      }
      boolean was = wake;
      wake = false;
      return was;
    } finally {
      lock.unlock();
    }
  }
}
