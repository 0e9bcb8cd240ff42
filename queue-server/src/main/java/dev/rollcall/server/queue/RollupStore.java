// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** The counters: written last in each transaction, their rows locked in the order of their key. */
final class RollupStore {
  private static final String COUNT =
      """
      with g as materialized (
        select *, :cell::smallint as cell
        from unnest(:seqs::bigint[], :participants::smallint[], :succeeded::int[], :failed::int[], :rejected::int[],
                    :expired::int[], :cancelled::int[])
          g(seq, participant_id, succeeded, failed, rejected, expired, cancelled)),
      l as materialized (
        select g.* from g join rollup r on r.seq = g.seq and r.cell = g.cell and r.participant_id = g.participant_id
        order by r.seq, r.participant_id for update of r)
      update rollup r
      set succeeded = r.succeeded + l.succeeded, failed = r.failed + l.failed, rejected = r.rejected + l.rejected,
          expired = r.expired + l.expired, cancelled = r.cancelled + l.cancelled
      from l where r.seq = l.seq and r.cell = l.cell and r.participant_id = l.participant_id
      returning r.seq,
        r.succeeded + r.failed + r.rejected + r.expired + r.cancelled + r.processed = r.targeted as full
      """;

  private RollupStore() {}

  /** Whose counter. */
  record Key(long seq, short participantId) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int bySeq = Long.compare(seq, other.seq);
      return bySeq != 0 ? bySeq : Short.compare(participantId, other.participantId);
    }
  }

  /** How many ended in which way, gathered over a batch. Confined to one thread. */
  static final class Deltas {
    private final TreeMap<Key, Map<EndState, Integer>> counts = new TreeMap<>();

    void add(long seq, short participantId, EndState state) {
      counts
          .computeIfAbsent(new Key(seq, participantId), key -> new EnumMap<>(EndState.class))
          .merge(state, 1, Integer::sum);
    }

    boolean isEmpty() {
      return counts.isEmpty();
    }

    Map<Key, Map<EndState, Integer>> byKey() {
      return counts;
    }

    private int[] column(EndState state) {
      return counts.values().stream().mapToInt(count -> count.getOrDefault(state, 0)).toArray();
    }
  }

  /** Adds to the counters; answers the commands of which a row filled up. */
  static List<Long> count(Handle handle, short cell, Deltas deltas) {
    long[] seqs = deltas.counts.keySet().stream().mapToLong(Key::seq).toArray();
    short[] participants = new short[seqs.length];
    int i = 0;
    for (Key key : deltas.counts.keySet()) {
      participants[i++] = key.participantId();
    }
    return handle
        .createQuery(COUNT)
        .bind("seqs", seqs)
        .bind("participants", participants)
        .bind("succeeded", deltas.column(EndState.SUCCEEDED))
        .bind("failed", deltas.column(EndState.FAILED))
        .bind("rejected", deltas.column(EndState.REJECTED))
        .bind("expired", deltas.column(EndState.EXPIRED))
        .bind("cancelled", deltas.column(EndState.CANCELLED))
        .bind("cell", cell)
        .map((rs, context) -> rs.getBoolean(2) ? rs.getLong(1) : 0L)
        .list()
        .stream()
        .filter(seq -> seq != 0)
        .distinct()
        .toList();
  }
}
