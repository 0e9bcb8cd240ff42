// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.edge.journal.LeaseId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What waits for its turn: for each key a lane, in it the runs in the order in which they came.
 * Thread-safe.
 */
final class Lanes {
  /** The executions of one key that came in one answer. */
  private static final class Run {
    private final Deque<Leased> waiting = new ArrayDeque<>();
  }

  private final Object lock = new Object();

  /** A lane is here while somebody works on it. */
  @GuardedBy("lock")
  private final Map<String, Deque<Run>> lanes = new HashMap<>();

  @GuardedBy("lock")
  private int waiting;

  /**
   * Adds one answer's executions; answers the lanes that nobody works on yet.
   *
   * <p>Without a key every command is a lane of its own, so that a second lease of one command
   * still waits for the first.
   */
  List<String> add(List<Leased> answer) {
    Map<String, Run> runs = new LinkedHashMap<>();
    for (Leased leased : answer) {
      runs.computeIfAbsent(key(leased), _ -> new Run()).waiting.addLast(leased);
    }
    List<String> idle = new ArrayList<>();
    synchronized (lock) {
      waiting += answer.size();
      runs.forEach((key, run) -> {
        if (!lanes.containsKey(key)) {
          lanes.put(key, new ArrayDeque<>());
          idle.add(key);
        }
        lanes.getOrDefault(key, new ArrayDeque<>()).addLast(run);
      });
    }
    return idle;
  }

  private static String key(Leased leased) {
    String key = leased.execution().orderingKey();
    return key.isEmpty() ? "command " + leased.id().command() : "key " + key;
  }

  /** The lane's next execution; null when there is none, and then the lane is closed. */
  @Nullable Leased next(String key) {
    synchronized (lock) {
      Deque<Run> lane = lanes.getOrDefault(key, new ArrayDeque<>());
      while (!lane.isEmpty()) {
        Leased next = lane.getFirst().waiting.pollFirst();
        if (next != null) {
          waiting--;
          return next;
        }
        lane.removeFirst();
      }
      lanes.remove(key);
      return null;
    }
  }

  /** Takes out what is left of the run that the lane's last execution was of. */
  List<Leased> restOfRun(String key) {
    synchronized (lock) {
      Deque<Run> lane = lanes.getOrDefault(key, new ArrayDeque<>());
      return lane.isEmpty() ? List.of() : taken(lane.removeFirst().waiting);
    }
  }

  /** Takes out an execution that waits, and what follows it in its run; empty if it runs. */
  List<Leased> takeFrom(LeaseId id) {
    synchronized (lock) {
      for (Deque<Run> lane : lanes.values()) {
        for (Run run : lane) {
          List<Leased> taken = tail(run, id);
          if (!taken.isEmpty()) {
            return taken;
          }
        }
      }
      return List.of();
    }
  }

  @GuardedBy("lock")
  private List<Leased> tail(Run run, LeaseId id) {
    var tail = new ArrayDeque<Leased>();
    boolean found = false;
    for (Iterator<Leased> each = run.waiting.iterator(); each.hasNext(); ) {
      Leased leased = each.next();
      found |= leased.id().equals(id);
      if (found) {
        tail.addLast(leased);
        each.remove();
      }
    }
    return taken(tail);
  }

  /** Takes out everything that waits. */
  List<Leased> takeAll() {
    List<Leased> out = new ArrayList<>();
    synchronized (lock) {
      for (Deque<Run> lane : lanes.values()) {
        lane.forEach(run -> out.addAll(taken(run.waiting)));
      }
    }
    return out;
  }

  @GuardedBy("lock")
  private List<Leased> taken(Deque<Leased> from) {
    List<Leased> out = List.copyOf(from);
    from.clear();
    waiting -= out.size();
    return out;
  }

  int waiting() {
    synchronized (lock) {
      return waiting;
    }
  }
}
