// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.List;
import org.jdbi.v3.core.Handle;

/** The statements of fan-out: keys locked, places taken, targets and executions inserted. */
final class EnqueueStore {
  /**
   * Ascending, in a statement of its own before places are taken: commit order is seq order in a
   * key.
   */
  private static final String LOCK_KEYS =
      "select pg_advisory_xact_lock(k) from unnest(:keys::bigint[]) k order by k";

  private static final String TAKE_SEQS = "select take_seqs(:wanted)";

  private static final String TARGETS =
      """
      with t as materialized (
        select * from unnest(:seqs::bigint[], :participants::smallint[], :froms::int[], :tos::int[], :rejected::int[])
          t(seq, participant_id, first, last, rejected)),
      targets as (
        insert into command_target (seq, cell, participant_id, server_ids)
        select t.seq, :cell, t.participant_id, (:servers::int[])[t.first : t.last] from t)
      insert into rollup (seq, cell, participant_id, targeted, rejected)
      select t.seq, :cell, t.participant_id, t.last - t.first + 1, t.rejected from t order by t.seq, t.participant_id
      """;

  /** In the order of the arrays, which is that of the servers: neighbours in the index. */
  private static final String QUEUE =
      """
      insert into queue (seq, server_id, cell, track)
      select u.seq, u.server_id, :cell, u.track
      from unnest(:seqs::bigint[], :servers::int[], :tracks::smallint[]) u(seq, server_id, track)
      """;

  private static final String REFUSED =
      """
      insert into execution_result (seq, server_id, cell, participant_id, state, code, lease_no, attempt, reported)
      select u.seq, u.server_id, :cell, u.participant_id, 'rejected', u.code, 0, 0, false
      from unnest(:seqs::bigint[], :servers::int[], :participants::smallint[], :codes::text[])
        u(seq, server_id, participant_id, code)
      """;

  private EnqueueStore() {}

  static void lockKeys(Handle handle, long[] ascendingKeys) {
    handle.createQuery(LOCK_KEYS).bind("keys", ascendingKeys).map((rs, context) -> true).list();
  }

  /** The first of so many consecutive places. */
  static long takeSeqs(Handle handle, int wanted) {
    return handle.createQuery(TAKE_SEQS).bind("wanted", wanted).mapTo(Long.class).one();
  }

  /** Rows of the frozen target, as columns: {@code froms} to {@code tos} (from 1) index servers. */
  record TargetRows(
      long[] seqs, short[] participants, int[] froms, int[] tos, int[] rejected, int[] servers) {}

  static void insertTargets(Handle handle, short cell, TargetRows rows) {
    handle
        .createUpdate(TARGETS)
        .bind("seqs", rows.seqs)
        .bind("participants", rows.participants)
        .bind("froms", rows.froms)
        .bind("tos", rows.tos)
        .bind("rejected", rows.rejected)
        .bind("servers", rows.servers)
        .bind("cell", cell)
        .execute();
  }

  /** Executions to be queued, as columns, by server. */
  record QueueRows(long[] seqs, int[] servers, short[] tracks) {}

  static void insertQueue(Handle handle, short cell, QueueRows rows) {
    handle
        .createUpdate(QUEUE)
        .bind("seqs", rows.seqs)
        .bind("servers", rows.servers)
        .bind("tracks", rows.tracks)
        .bind("cell", cell)
        .execute();
  }

  static void insertRefused(Handle handle, short cell, long seq, List<Enqueued.Refused> refused) {
    int n = refused.size();
    long[] seqs = new long[n];
    int[] servers = new int[n];
    short[] participants = new short[n];
    String[] codes = new String[n];
    for (int i = 0; i < n; i++) {
      seqs[i] = seq;
      servers[i] = refused.get(i).serverId();
      participants[i] = refused.get(i).participantId();
      codes[i] = refused.get(i).code();
    }
    handle
        .createUpdate(REFUSED)
        .bind("seqs", seqs)
        .bind("servers", servers)
        .bind("participants", participants)
        .bind("codes", codes)
        .bind("cell", cell)
        .execute();
  }
}
