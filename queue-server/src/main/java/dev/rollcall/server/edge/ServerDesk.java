// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.server.queue.Exchange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One server's place on this node: its polls that wait, what they are to be told, how many
 * executions it was handed. Costs nothing but memory. Thread-safe.
 */
final class ServerDesk {
  private static final int MOST_RESIDENTS = 100;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final List<Waiting> polls = new ArrayList<>();

  /** Grows with each reason to look for work; a poll that saw it before it looked misses none. */
  @GuardedBy("lock")
  private long wakes;

  @GuardedBy("lock")
  private final List<Exchange.Held> news = new ArrayList<>();

  /**
   * Cancelled leases that an instance was told of: a poll with the same news would return at once.
   */
  @GuardedBy("lock")
  private final Set<Told> told = new HashSet<>();

  /** Of each instance what it was told last of commands that were missed. */
  @GuardedBy("lock")
  private final Map<String, UUID> toldResyncs = new HashMap<>();

  @GuardedBy("lock")
  private int handed;

  /** Short names of the instances that poll at this node, as far as it knows. */
  @GuardedBy("lock")
  private final Set<Integer> residents = new HashSet<>();

  private record Told(@Nullable String instance, UUID command, int lease) {}

  /** Why a poll stopped waiting. */
  enum Reason {
    /** There may be work. */
    WORK,
    /** The time is over. */
    TIME,
    /** A newer poll of the same instance has come, or the server stops, or the token has ended. */
    ENDED
  }

  /** A poll under way. */
  final class Waiting implements AutoCloseable {
    private final @Nullable String instance;
    private final @Nullable UUID tokenId;
    private boolean ended;
    private boolean revoked;
    private boolean tookResync;
    private long seen = -1;

    private Waiting(@Nullable String instance, @Nullable UUID tokenId) {
      this.instance = instance;
      this.tokenId = tokenId;
    }

    /** To be called before looking for work: what comes after it will wake. */
    void aboutToLook() {
      lock.lock();
      try {
        seen = wakes;
      } finally {
        lock.unlock();
      }
    }

    /** Does what wakes this server's polls, except this one: it has seen what they are to see. */
    void wakeOthers(Runnable wake) {
      lock.lock();
      try {
        boolean sawAll = seen == wakes;
        wake.run();
        if (sawAll) {
          seen = wakes;
        }
      } finally {
        lock.unlock();
      }
    }

    Reason await(Duration most) {
      lock.lock();
      try {
        long left = most.toNanos();
        while (!ended && seen == wakes && left > 0) {
          left = changed.awaitNanos(left);
        }
        return ended ? Reason.ENDED : seen != wakes ? Reason.WORK : Reason.TIME;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Reason.ENDED;
      } finally {
        lock.unlock();
      }
    }

    boolean isEnded() {
      lock.lock();
      try {
        return ended;
      } finally {
        lock.unlock();
      }
    }

    boolean isRevoked() {
      lock.lock();
      try {
        return revoked;
      } finally {
        lock.unlock();
      }
    }

    /** Cancelled leases this instance has not been told of; it is taken to be told now. */
    List<Exchange.Held> takeNews(List<Exchange.Held> seenInQueue) {
      lock.lock();
      try {
        List<Exchange.Held> fresh = new ArrayList<>();
        List<Exchange.Held> all = new ArrayList<>(news);
        all.addAll(seenInQueue);
        for (Exchange.Held held : all) {
          if (told.add(new Told(instance, held.command().id(), held.leaseNo()))) {
            fresh.add(held);
          }
        }
        if (told.size() > 10_000) {
          told.clear();
        }
        return fresh;
      } finally {
        lock.unlock();
      }
    }

    /** Whether this instance has not been told of this one; it is taken to be told now. */
    boolean takeResync(UUID id) {
      lock.lock();
      try {
        if (toldResyncs.size() > 1_000) {
          toldResyncs.clear();
        }
        boolean fresh = !id.equals(toldResyncs.put(instance == null ? "" : instance, id));
        tookResync |= fresh;
        return fresh;
      } finally {
        lock.unlock();
      }
    }

    /** Nobody read it: whoever took this poll's place is to be told. */
    void giveBackResync() {
      lock.lock();
      try {
        if (tookResync) {
          toldResyncs.remove(instance == null ? "" : instance);
          wakes++;
          changed.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }

    /** Nobody read them: whoever took this poll's place is to be told. */
    void giveBackNews(List<Exchange.Held> unread) {
      lock.lock();
      try {
        for (Exchange.Held held : unread) {
          told.remove(new Told(instance, held.command().id(), held.leaseNo()));
          wakes++;
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        polls.remove(this);
      } finally {
        lock.unlock();
      }
    }
  }

  /** Opens a poll and ends an earlier one of the same instance: its connection may be half open. */
  Waiting open(@Nullable String instance, @Nullable UUID tokenId) {
    lock.lock();
    try {
      if (instance != null) {
        for (Waiting poll : polls) {
          if (instance.equals(poll.instance)) {
            poll.ended = true;
          }
        }
        changed.signalAll();
      }
      var poll = new Waiting(instance, tokenId);
      polls.add(poll);
      return poll;
    } finally {
      lock.unlock();
    }
  }

  /** An instance's name as nodes tell it to each other. */
  static int shortName(String instance) {
    return instance.hashCode() & Integer.MAX_VALUE;
  }

  /** Whether this instance was not here before, or has been at another node since. */
  boolean arrives(int instance) {
    lock.lock();
    try {
      if (residents.size() > MOST_RESIDENTS) {
        residents.clear();
      }
      return residents.add(instance);
    } finally {
      lock.unlock();
    }
  }

  /** An instance polls elsewhere: what it left waiting here would swallow work. */
  void leaves(int instance) {
    lock.lock();
    try {
      if (residents.remove(instance)) {
        for (Waiting poll : polls) {
          if (poll.instance != null && shortName(poll.instance) == instance) {
            poll.ended = true;
          }
        }
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  void wake() {
    lock.lock();
    try {
      wakes++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void tell(Exchange.Held cancelled) {
    lock.lock();
    try {
      news.add(cancelled);
      while (news.size() > 1_000) {
        news.removeFirst();
      }
      wakes++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** These commands' leases are over here: there is no news of them any more. */
  void forget(Set<UUID> commands) {
    if (commands.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      news.removeIf(held -> commands.contains(held.command().id()));
    } finally {
      lock.unlock();
    }
  }

  void endAll() {
    lock.lock();
    try {
      polls.forEach(poll -> poll.ended = true);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void endOf(UUID token) {
    lock.lock();
    try {
      for (Waiting poll : polls) {
        if (token.equals(poll.tokenId)) {
          poll.ended = true;
          poll.revoked = true;
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int handed() {
    lock.lock();
    try {
      return handed;
    } finally {
      lock.unlock();
    }
  }

  /** Counts round after the share of the lanes has come round. */
  void hand(int executions) {
    lock.lock();
    try {
      handed = (handed + executions) % 1_000_000;
    } finally {
      lock.unlock();
    }
  }
}
