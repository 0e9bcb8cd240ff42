// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.server.db.Pool;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What changes of the registry took away and is still to be ended. It stands in the database from
 * the transaction of the change until somebody says that it is done; one node at a time works on
 * one. Thread-safe.
 */
public final class Sweeps {
  private static final Logger LOG = LoggerFactory.getLogger(Sweeps.class);

  /** After that another node takes it: the one that had it was killed, or is stuck. */
  private static final Duration TAKEN = Duration.ofSeconds(30);

  /** Another node may do it, and tells nobody. */
  private static final Duration LOOK = Duration.ofMillis(50);

  private final Pool pool;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private long doneHere;

  Sweeps(Pool pool) {
    this.pool = pool;
  }

  /**
   * What is to be ended.
   *
   * @param participantId whose servers, or exposures
   * @param cell of the servers
   * @param servers those that were removed; none: the participant exposes something else than
   *     before
   */
  public record Sweep(long id, short participantId, short cell, List<Integer> servers) {
    public Sweep {
      servers = List.copyOf(servers);
    }
  }

  /**
   * The oldest that nobody is at work on; to be held, done or given back.
   *
   * @param large also one that was found to take long
   */
  public Optional<Sweep> take(boolean large) {
    return pool.inTransaction(handle -> SweepStore.take(handle, large, TAKEN));
  }

  /** Keeps it for as long again; false when another node has done it. */
  public boolean hold(Sweep sweep) {
    return pool.inTransaction(handle -> SweepStore.hold(handle, sweep.id(), false, TAKEN));
  }

  public void done(Sweep sweep) {
    pool.inTransaction(handle -> SweepStore.done(handle, sweep.id()));
    lock.lock();
    try {
      doneHere++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Leaves it to whoever comes, after a while. */
  public void giveBack(Sweep sweep, Duration after) {
    pool.inTransaction(handle -> SweepStore.hold(handle, sweep.id(), false, after));
  }

  /** Leaves it to whoever has time for what takes long. */
  public void giveBackAsLarge(Sweep sweep) {
    pool.inTransaction(handle -> SweepStore.hold(handle, sweep.id(), true, Duration.ZERO));
  }

  /** Returns when these are done, or the wait is over. */
  void await(List<Long> ids, Duration longest) {
    long end = System.nanoTime() + longest.toNanos();
    while (pool.withHandle(handle -> SweepStore.isLeft(handle, ids))) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        LOG.info("what the change took away is still being ended");
        return;
      }
      if (!pause(Math.min(left, LOOK.toNanos()))) {
        return;
      }
    }
  }

  /** False when this thread is to end. */
  private boolean pause(long nanos) {
    lock.lock();
    try {
      long before = doneHere;
      for (long left = nanos; left > 0 && doneHere == before; ) {
        left = changed.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
