// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * From which place on each track of a server has to be read, as this node learnt it. Settled rows
 * stay in the index for as long as anybody holds a snapshot from before; without a floor every poll
 * walks over all of them. Thread-safe.
 *
 * <p>A floor is never too high: it is the first place at which a row was seen, and no higher than
 * the place up to which nothing can appear any more. That place follows from transaction ids, not
 * from any clock: whoever takes a place has an id before, so an id that is taken after a place was
 * read is higher than those of all who took a place up to there. Once every id below it is over,
 * everything up to that place is in sight or never will be. Another start of the database, or
 * another database, makes all of it forgotten.
 */
public final class Floors implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Pool pool;
  private final PeriodicTask task = new PeriodicTask("floors", INTERVAL, this::look);
  private final ReentrantLock looking = new ReentrantLock();
  private volatile Era era = Era.unknown();

  @GuardedBy("looking")
  private @Nullable Mark mark;

  public Floors(Pool pool) {
    this.pool = pool;
  }

  /** A place, and the transaction id below which all must be over before it counts. */
  private record Mark(long place, long below) {}

  /** What was learnt since the database was started. Thread-safe. */
  static final class Era {
    private final double databaseStart;
    private final Map<Integer, Tracks> servers = new ConcurrentHashMap<>();
    private volatile long inSight = Long.MIN_VALUE;

    private Era(double databaseStart) {
      this.databaseStart = databaseStart;
    }

    /** Nothing was learnt. */
    static Era unknown() {
      return new Era(Double.NaN);
    }

    /** Up to here every place is in sight of a statement that begins now, or will never be. */
    long inSight() {
      return inSight;
    }

    Tracks of(int server) {
      return servers.getOrDefault(server, Tracks.UNKNOWN);
    }

    /** Takes over what a transaction saw; only once that is committed. */
    void learn(int server, Tracks tracks) {
      servers.put(server, tracks);
    }
  }

  public void start() {
    task.start();
  }

  Era era() {
    return era;
  }

  /** Finds out how far all places are in sight now. */
  void look() {
    looking.lock(); // or an older reading could come after a newer one
    try {
      take(pool.withHandle(FloorStore::sight));
    } finally {
      looking.unlock();
    }
  }

  void take(FloorStore.Sight now) {
    looking.lock();
    try {
      if (now.databaseStart() != era.databaseStart) {
        era = new Era(now.databaseStart());
        mark = null;
      }
      if (mark != null && now.oldest() >= mark.below) {
        era.inSight = mark.place;
        mark = null;
      }
      if (mark == null) {
        mark = new Mark(now.place(), now.own());
      }
    } finally {
      looking.unlock();
    }
  }

  @Override
  public void close() {
    task.close();
  }
}
