// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The holds in force, as this node knows them: read twice a second, in one statement whatever the
 * number of polls, and at once by the node that changed them. When one ends, the servers of this
 * node that something was kept from are woken. Thread-safe.
 */
public final class HoldBoard implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(500);

  private final Pool reads;
  private final QueueListener listener;
  private final PeriodicTask task = new PeriodicTask("holds", INTERVAL, this::refresh);
  private final ReentrantLock loading = new ReentrantLock();
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private HoldSet current = HoldSet.NONE;

  /** Servers that something was kept from since the holds last changed. */
  @GuardedBy("lock")
  private final Set<Integer> kept = new HashSet<>();

  public HoldBoard(Pool reads, QueueListener listener) {
    this.reads = reads;
    this.listener = listener;
  }

  /** Reads the holds, then goes on in the background. */
  public void start() {
    refresh();
    task.start();
  }

  /** Takes over what the database holds now. */
  public void refresh() {
    loading.lock(); // or an older reading could replace a newer one
    try {
      List<Hold> holds = reads.withHandle(HoldStore::inForce);
      Collection<Integer> wake = take(holds);
      if (!wake.isEmpty()) {
        listener.wake(wake);
      }
    } finally {
      loading.unlock();
    }
  }

  private Collection<Integer> take(List<Hold> holds) {
    lock.lock();
    try {
      if (holds.equals(current.holds())) {
        return List.of();
      }
      return replace(new HoldSet(holds, current.withholding()));
    } finally {
      lock.unlock();
    }
  }

  /** Also keeps back what is withheld. */
  public void withhold(Withholding withholding) {
    Collection<Integer> wake = List.of();
    lock.lock();
    try {
      if (!withholding.equals(current.withholding())) {
        wake = replace(new HoldSet(current.holds(), withholding));
      }
    } finally {
      lock.unlock();
    }
    if (!wake.isEmpty()) {
      listener.wake(wake);
    }
  }

  @GuardedBy("lock")
  private Collection<Integer> replace(HoldSet next) {
    current = next;
    Set<Integer> wake = Set.copyOf(kept);
    kept.clear();
    return wake;
  }

  HoldSet current() {
    lock.lock();
    try {
      return current;
    } finally {
      lock.unlock();
    }
  }

  /** Something was kept from these servers; if the holds changed meanwhile they look again. */
  void kept(HoldSet by, Set<Integer> servers) {
    if (servers.isEmpty()) {
      return;
    }
    boolean over;
    lock.lock();
    try {
      over = current != by;
      if (!over) {
        kept.addAll(servers);
      }
    } finally {
      lock.unlock();
    }
    if (over) {
      listener.wake(servers);
    }
  }

  @Override
  public void close() {
    task.close();
  }
}
