// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at an execution when its lease is over and no other may follow: its last attempt, or a
 * cancelled command. Only a help to be prompt: it is forgotten in a crash, and upkeep comes by all
 * the same. Thread-safe.
 */
public final class LapseTimer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LapseTimer.class);
  private static final int MOST = 100_000;
  private static final long LATER_MILLIS = 100;

  private final DelayQueue<Entry> entries = new DelayQueue<>();
  private final Sweep sweep;
  private volatile boolean stopping;
  private final Thread thread =
      Thread.ofPlatform().name("rollcall-lapse").daemon().unstarted(this::loop);

  /** Looks at one execution and ends it if it may never be leased again. */
  @FunctionalInterface
  public interface Sweep {
    void look(QueueServer server, QueuedCommand command);
  }

  public LapseTimer(Sweep sweep) {
    this.sweep = sweep;
  }

  private record Entry(QueueServer server, QueuedCommand command, long atNanos) implements Delayed {
    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(atNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  public void start() {
    thread.start();
  }

  void watch(QueueServer server, QueuedCommand command, double leaseSeconds) {
    if (entries.size() < MOST) {
      long delay = TimeUnit.MILLISECONDS.toNanos((long) (leaseSeconds * 1000) + LATER_MILLIS);
      entries.add(new Entry(server, command, System.nanoTime() + delay));
    }
  }

  private void loop() {
    while (!stopping) {
      try {
        Entry entry = entries.take();
        sweep.look(entry.server(), entry.command());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        LOG.warn("a lapsed lease could not be looked at; upkeep will", e);
      }
    }
  }

  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
  }
}
