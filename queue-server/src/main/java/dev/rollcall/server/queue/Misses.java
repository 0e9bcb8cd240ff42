// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * What servers missed in one transaction: executions that expired and never were handed out.
 * Confined to one thread.
 */
final class Misses {
  private record Missed(long oldestSeq, int count) {
    Missed and(Missed other) {
      return new Missed(Math.min(oldestSeq, other.oldestSeq), count + other.count);
    }
  }

  private final Map<Integer, Missed> byServer = new TreeMap<>();

  /**
   * Notes an end, if it is such.
   *
   * @param leaseNo the number of its last lease; 0: it never had one
   */
  void note(int serverId, long seq, EndState state, int leaseNo) {
    if (state == EndState.EXPIRED && leaseNo == 0) {
      byServer.merge(serverId, new Missed(seq, 1), Missed::and);
    }
  }

  Collection<Integer> servers() {
    return Collections.unmodifiableCollection(byServer.keySet());
  }

  /** To be called after the counters, in the transaction of the ends. */
  void write(Handle handle, short cell) {
    if (byServer.isEmpty()) {
      return;
    }
    int n = byServer.size();
    int[] servers = new int[n];
    long[] seqs = new long[n];
    int[] missed = new int[n];
    int at = 0;
    for (Map.Entry<Integer, Missed> entry : byServer.entrySet()) {
      servers[at] = entry.getKey();
      seqs[at] = entry.getValue().oldestSeq();
      missed[at] = entry.getValue().count();
      at++;
    }
    ResyncStore.miss(handle, cell, servers, seqs, missed);
  }
}
