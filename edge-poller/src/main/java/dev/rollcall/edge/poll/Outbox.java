// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.edge.journal.LeaseId;
import dev.rollcall.protocol.edge.EdgeLimits;
import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.json.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Results that have no verdict. Who sends some takes them, so that no two requests carry the same
 * one, and then settles them or gives them back. Thread-safe.
 */
public final class Outbox {
  /** Leaves room for the rest of a poll. */
  private static final int MOST_BYTES = EdgeLimits.MAX_BODY_BYTES - 8_192;

  private static final int GATHER_MILLIS = 20;
  private static final int ENOUGH = 200;

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<LeaseId, ResultItem> owed = new LinkedHashMap<>();

  @GuardedBy("lock")
  private final Set<LeaseId> onTheirWay = new HashSet<>();

  @GuardedBy("lock")
  private boolean ending;

  public void add(ResultItem result) {
    synchronized (lock) {
      owed.put(LeaseId.of(result), result);
      lock.notifyAll();
    }
  }

  /** As many as fit into one request, oldest first; none if all are on their way. */
  public List<ResultItem> take() {
    synchronized (lock) {
      return taken();
    }
  }

  /**
   * Waits until there is something to take, and takes it; nothing once it is told to end.
   *
   * @param moreToCome while this holds, a few milliseconds are spent on letting more come, so that
   *     a thousand results of one run do not make a thousand requests
   */
  public List<ResultItem> awaitAndTake(BooleanSupplier moreToCome) throws InterruptedException {
    synchronized (lock) {
      while (onTheirWay.size() == owed.size() && !ending) {
        lock.wait();
      }
      for (int i = 0;
          i < GATHER_MILLIS && owed.size() < ENOUGH && !ending && moreToCome.getAsBoolean();
          i++) {
        lock.wait(1);
      }
      return ending ? List.of() : taken();
    }
  }

  /** Nobody waits from now on; what is owed can still be taken. */
  public void end() {
    synchronized (lock) {
      ending = true;
      lock.notifyAll();
    }
  }

  @GuardedBy("lock")
  private List<ResultItem> taken() {
    List<ResultItem> out = new ArrayList<>();
    if (onTheirWay.size() == owed.size()) {
      return out;
    }
    int bytes = 0;
    for (Map.Entry<LeaseId, ResultItem> entry : owed.entrySet()) {
      if (onTheirWay.contains(entry.getKey())) {
        continue;
      }
      bytes += Json.MAPPER.writeValueAsBytes(entry.getValue()).length + 1;
      if (out.size() == EdgeLimits.MAX_RESULTS || (bytes > MOST_BYTES && !out.isEmpty())) {
        break;
      }
      out.add(entry.getValue());
    }
    out.forEach(result -> onTheirWay.add(LeaseId.of(result)));
    return out;
  }

  /** They have a verdict, and are forgotten. */
  public void settled(Collection<LeaseId> ids) {
    synchronized (lock) {
      ids.forEach(owed::remove);
      ids.forEach(onTheirWay::remove);
    }
  }

  /** They have none yet. */
  public void giveBack(Collection<ResultItem> results) {
    synchronized (lock) {
      results.forEach(result -> onTheirWay.remove(LeaseId.of(result)));
      lock.notifyAll();
    }
  }

  public int size() {
    synchronized (lock) {
      return owed.size();
    }
  }
}
