// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.edge.journal.LeaseId;
import dev.rollcall.edge.lifecycle.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The leases of executions that run, and when each should be prolonged: when half of it is gone,
 * and only if the execution may take longer than it lasts. Thread-safe.
 */
public final class Renewals {
  /**
   * @param extendSeconds what to ask for, from now on
   */
  public record Renewal(LeaseId id, int extendSeconds) {}

  private final Ticker ticker;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<LeaseId, Leased> running = new LinkedHashMap<>();

  /** Who waits looks again by itself at this time, and so is not woken for anything later. */
  @GuardedBy("lock")
  private long looksAgainAt = Long.MAX_VALUE;

  Renewals(Ticker ticker) {
    this.ticker = ticker;
  }

  void began(Leased leased) {
    synchronized (lock) {
      running.put(leased.id(), leased);
      if (leased.renewAt() < looksAgainAt) {
        lock.notifyAll();
      }
    }
  }

  void ended(Leased leased) {
    synchronized (lock) {
      running.remove(leased.id());
    }
  }

  /** Waits until leases are due, and answers them. */
  public List<Renewal> awaitDue() throws InterruptedException {
    synchronized (lock) {
      while (true) {
        long now = ticker.nanos();
        List<Renewal> due = new ArrayList<>();
        looksAgainAt = Long.MAX_VALUE;
        for (Leased leased : running.values()) {
          long at = leased.renewAt();
          if (at <= now) {
            due.add(new Renewal(leased.id(), leased.leaseSeconds()));
          }
          looksAgainAt = Math.min(looksAgainAt, at);
        }
        if (!due.isEmpty()) {
          return due;
        }
        if (looksAgainAt == Long.MAX_VALUE) {
          lock.wait();
        } else {
          lock.wait((looksAgainAt - now) / 1_000_000 + 1);
        }
      }
    }
  }

  /** A lease lasts {@code remaining} from this moment on. */
  public void renewed(LeaseId id, Duration remaining, long fromNanos) {
    Leased leased = find(id);
    if (leased != null) {
      leased.lengthen(remaining, fromNanos);
    }
  }

  /** The lease is another's now: what runs under it is given up. */
  public void lost(LeaseId id) {
    Leased leased = find(id);
    if (leased != null) {
      leased.giveUp(Leased.GivenUp.LEASE_LOST);
    }
  }

  /** The lease ends when it ends. */
  public void notAgain(LeaseId id) {
    Leased leased = find(id);
    if (leased != null) {
      leased.noMoreRenewals();
    }
  }

  /** There was no answer yet: try once more a little later. */
  public void later(LeaseId id) {
    Leased leased = find(id);
    if (leased != null) {
      leased.renewLater(ticker.nanos());
    }
  }

  private @org.jspecify.annotations.Nullable Leased find(LeaseId id) {
    synchronized (lock) {
      return running.get(id);
    }
  }
}
