// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Requests that wait for a command to move on. All commands that are watched on this node are
 * looked up together, a few times a second, and only while any is watched. Thread-safe.
 */
final class Watches implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(150);

  private final Pool pool;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** How many watch a command. */
  @GuardedBy("lock")
  private final Map<UUID, Integer> watched = new HashMap<>();

  /** What was last seen of it; anything else is news. */
  @GuardedBy("lock")
  private final Map<UUID, Long> seen = new HashMap<>();

  @GuardedBy("lock")
  private final Map<UUID, Long> changes = new HashMap<>();

  @GuardedBy("lock")
  private boolean stopping;

  private final PeriodicTask task = new PeriodicTask("watch", INTERVAL, this::look);

  Watches(Pool pool) {
    this.pool = pool;
  }

  void start() {
    task.start();
  }

  /** One request's interest in a command; close it when the request is answered. */
  final class Watch implements AutoCloseable {
    private final UUID id;
    private long known;

    private Watch(UUID id, long known) {
      this.id = id;
      this.known = known;
    }

    /** Returns when something may have changed; false when the time is over or the server stops. */
    boolean await(Duration most) {
      lock.lock();
      try {
        long left = most.toNanos();
        while (!stopping && left > 0 && changes.getOrDefault(id, 0L) == known) {
          left = changed.awaitNanos(left);
        }
        boolean moved = changes.getOrDefault(id, 0L) != known;
        known = changes.getOrDefault(id, 0L);
        return moved;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        if (watched.merge(id, -1, Integer::sum) <= 0) {
          watched.remove(id);
          seen.remove(id);
          changes.remove(id);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Begin to watch before reading what is to be compared with: nothing is missed in between. */
  Watch watch(UUID id) {
    lock.lock();
    try {
      watched.merge(id, 1, Integer::sum);
      return new Watch(id, changes.getOrDefault(id, 0L));
    } finally {
      lock.unlock();
    }
  }

  private void look() {
    Set<UUID> ids;
    lock.lock();
    try {
      ids = new HashSet<>(watched.keySet());
    } finally {
      lock.unlock();
    }
    if (ids.isEmpty()) {
      return;
    }
    Map<UUID, Long> versions = pool.withHandle(handle -> ReadStore.versions(handle, ids));
    note(versions);
  }

  private void note(Map<UUID, Long> versions) {
    lock.lock();
    try {
      versions.forEach((id, version) -> {
        Long before = watched.containsKey(id) ? seen.put(id, version) : version;
        if (!version.equals(before)) {
          changes.merge(id, 1L, Long::sum);
        }
      });
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Lets all who wait go. */
  void release() {
    lock.lock();
    try {
      stopping = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    release();
    task.close();
  }
}
