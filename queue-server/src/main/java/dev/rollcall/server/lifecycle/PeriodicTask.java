// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.lifecycle;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a piece of work again and again in a thread of its own. What the work throws is logged,
 * unless it is {@link AlreadyTold}, and the next run comes all the same. Thread-safe; start and
 * stop may be called more than once.
 */
public final class PeriodicTask implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeriodicTask.class);
  private static final Duration STOP_WAIT = Duration.ofSeconds(5);

  private final String name;
  private final Duration interval;
  private final Runnable work;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private boolean wanted;

  @GuardedBy("lock")
  private boolean nudged;

  @GuardedBy("lock")
  private @Nullable Thread thread;

  /**
   * @param name the thread is named {@code rollcall-NAME}
   * @param interval from the end of one run to the start of the next
   */
  public PeriodicTask(String name, Duration interval, Runnable work) {
    this.name = name;
    this.interval = interval;
    this.work = work;
  }

  public void start() {
    lock.lock();
    try {
      if (thread == null) {
        wanted = true;
        thread = Thread.ofPlatform().name("rollcall-" + name).daemon().start(this::loop);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Makes the next run come now. */
  public void nudge() {
    lock.lock();
    try {
      nudged = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void loop() {
    while (isWanted()) {
      try {
        work.run();
      } catch (RuntimeException | Error e) {
        if (isWanted() && !AlreadyTold.isIn(e)) {
          LOG.error("{} failed; it will run again", name, e);
        }
      }
      pause();
    }
  }

  private boolean isWanted() {
    lock.lock();
    try {
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  private void pause() {
    lock.lock();
    try {
      long left = interval.toNanos();
      while (wanted && !nudged && left > 0) {
        left = changed.awaitNanos(left);
      }
      nudged = false;
    } catch (InterruptedException e) {
      wanted = false;
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a run that is under way, but not for ever. */
  @Override
  public void close() {
    Thread running;
    lock.lock();
    try {
      wanted = false;
      changed.signalAll();
      running = thread;
      thread = null;
    } finally {
      lock.unlock();
    }
    if (running != null && running != Thread.currentThread()) {
      join(running);
    }
  }

  private void join(Thread running) {
    try {
      if (!running.join(STOP_WAIT)) {
        LOG.warn(
            "{} is still at work after {} s",
            name,
            TimeUnit.NANOSECONDS.toSeconds(STOP_WAIT.toNanos()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
