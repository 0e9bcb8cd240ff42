// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.server.lifecycle.AlreadyTold;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects news for the other nodes and sends it, one bulletin at a time: while one is on its way
 * the next collects. Takes nothing while there is nobody to tell. What cannot be sent is dropped.
 * Thread-safe.
 */
final class Outbox implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);
  private static final Duration STOP_WAIT = Duration.ofSeconds(2);

  /**
   * From one bulletin to the next, at least. A lone one does not wait; a busy node sends at most
   * 200 a second, each of which every other node reads.
   */
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final Consumer<Bulletin> send;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private Bulletin next = Bulletin.empty();

  @GuardedBy("lock")
  private boolean open;

  @GuardedBy("lock")
  private boolean stopping;

  private final Thread thread =
      Thread.ofPlatform().name("rollcall-outbox").daemon().unstarted(this::loop);

  Outbox(Consumer<Bulletin> send) {
    this.send = send;
  }

  void start() {
    thread.start();
  }

  /** Whether there is anybody to tell. */
  void setOpen(boolean now) {
    lock.lock();
    try {
      open = now;
      if (!now) {
        next = Bulletin.empty();
      }
    } finally {
      lock.unlock();
    }
  }

  void wake(Collection<Integer> servers) {
    add(bulletin -> bulletin.servers().addAll(servers));
  }

  void queued(Collection<Long> commands) {
    add(bulletin -> bulletin.commands().addAll(commands));
  }

  void cancelled(Bulletin.Cancelled lease) {
    add(bulletin -> bulletin.cancelled().add(lease));
  }

  void arrived(Bulletin.Arrival arrival) {
    add(bulletin -> bulletin.arrivals().add(arrival));
  }

  private void add(Consumer<Bulletin> change) {
    lock.lock();
    try {
      if (open && !stopping) {
        change.accept(next);
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void loop() {
    try {
      for (Bulletin bulletin = take(); !bulletin.isEmpty(); bulletin = take()) {
        try {
          send.accept(bulletin);
        } catch (RuntimeException e) {
          if (!AlreadyTold.isIn(e)) {
            LOG.warn("news for the other nodes was lost; they will look it up: {}", e.getMessage());
          }
        }
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Empty: the node stops and nothing is left to be sent. */
  private Bulletin take() throws InterruptedException {
    lock.lock();
    try {
      while (next.isEmpty() && !stopping) {
        changed.await();
      }
      Bulletin taken = next;
      next = Bulletin.empty();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void pause() throws InterruptedException {
    lock.lock();
    try {
      long left = PAUSE.toNanos();
      while (!stopping && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sends what is left, but does not wait for it for long. */
  @Override
  public void close() {
    lock.lock();
    try {
      stopping = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      if (thread.isAlive() && !thread.join(STOP_WAIT)) {
        LOG.warn(
            "the last news is still on its way after {} s",
            TimeUnit.NANOSECONDS.toSeconds(STOP_WAIT.toNanos()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
