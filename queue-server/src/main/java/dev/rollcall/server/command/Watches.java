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
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait for a command to move on. All commands that are watched on this node are
 * looked up together, a few times a second, and only while any is watched. Thread-safe.
 */
final class Watches implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(150);

  private final Pool pool;
  private final ReentrantLock lock = new ReentrantLock();

  /** What is watched by anybody. */
  @GuardedBy("lock")
  private final Map<UUID, Watched> watched = new HashMap<>();

  @GuardedBy("lock")
  private final Set<Watch> watches = new HashSet<>();

  @GuardedBy("lock")
  private boolean stopping;

  private final PeriodicTask task = new PeriodicTask("watch", INTERVAL, this::look);

  Watches(Pool pool) {
    this.pool = pool;
  }

  void start() {
    task.start();
  }

  /** A command of which somebody wants news; all of it is guarded by the lock. */
  private static final class Watched {
    private final Condition moved;
    private int watchers;
    private int changes;

    /**
     * What was last seen of it; anything else is news. Null: nothing yet, and whatever is seen
     * first may have come after what a watcher read.
     */
    private @Nullable Long version;

    private Watched(Condition moved) {
      this.moved = moved;
    }
  }

  /** One request's interest in a command; close it when the request is answered. */
  final class Watch implements AutoCloseable {
    private final UUID id;
    private final Watched command;
    private final @Nullable UUID tokenId;
    private boolean ended;
    private int known;

    private Watch(UUID id, Watched command, @Nullable UUID tokenId, int known) {
      this.id = id;
      this.command = command;
      this.tokenId = tokenId;
      this.known = known;
    }

    /**
     * Returns when something may have changed; false when the time is over, the server stops or the
     * token has ended.
     */
    boolean await(Duration most) {
      lock.lock();
      try {
        long left = most.toNanos();
        while (!stopping && !ended && left > 0 && command.changes == known) {
          left = command.moved.awaitNanos(left);
        }
        boolean moved = command.changes != known;
        known = command.changes;
        return moved && !ended;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      } finally {
        lock.unlock();
      }
    }

    /** Whether the token of who watches has ended. */
    boolean isEnded() {
      lock.lock();
      try {
        return ended;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        watches.remove(this);
        if (--command.watchers == 0) {
          watched.remove(id);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Begin to watch before reading what is to be compared with: nothing is missed in between.
   *
   * @param tokenId of who watches; null: it has none that could end
   */
  Watch watch(UUID id, @Nullable UUID tokenId) {
    lock.lock();
    try {
      Watched command = watched.computeIfAbsent(id, key -> new Watched(lock.newCondition()));
      command.watchers++;
      var watch = new Watch(id, command, tokenId, command.changes);
      watches.add(watch);
      return watch;
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
        Watched command = watched.get(id);
        if (command != null) {
          if (!version.equals(command.version)) {
            command.changes++;
            command.moved.signalAll();
          }
          command.version = version;
        }
      });
    } finally {
      lock.unlock();
    }
  }

  /** Lets those go who watch with a token that has ended. */
  void endOf(UUID tokenId) {
    lock.lock();
    try {
      for (Watch watch : watches) {
        if (tokenId.equals(watch.tokenId)) {
          watch.ended = true;
          watch.command.moved.signalAll();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets all who wait go. */
  void release() {
    lock.lock();
    try {
      stopping = true;
      watched.values().forEach(command -> command.moved.signalAll());
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
