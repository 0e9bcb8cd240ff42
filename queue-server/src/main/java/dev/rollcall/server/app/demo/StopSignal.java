// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Ctrl-C, as the thread that runs the demo sees it: an interrupt, but never while it starts or
 * stops the server, because a database whose start is broken off half-way is left running.
 * Thread-safe.
 */
final class StopSignal {
  private final Thread worker;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private boolean requested;

  @GuardedBy("lock")
  private boolean shielded;

  /** For the thread that calls this. */
  StopSignal() {
    this.worker = Thread.currentThread();
  }

  void request() {
    lock.lock();
    try {
      requested = true;
      if (!shielded) {
        worker.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isRequested() {
    lock.lock();
    try {
      return requested;
    } finally {
      lock.unlock();
    }
  }

  /** Does the work without being interrupted; a request that came meanwhile takes effect after. */
  <T> T shielded(Supplier<T> work) {
    shield(true);
    try {
      return work.get();
    } finally {
      shield(false);
      if (isRequested()) {
        worker.interrupt();
      }
    }
  }

  /** From now on nothing is interrupted: the end has begun. */
  void shieldForGood() {
    shield(true);
    boolean _ = Thread.interrupted();
  }

  private void shield(boolean on) {
    lock.lock();
    try {
      shielded = on;
    } finally {
      lock.unlock();
    }
  }
}
