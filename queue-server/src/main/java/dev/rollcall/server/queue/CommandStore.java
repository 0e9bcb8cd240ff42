// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The statements by which the queue reads commands, and notes that they began and ended. */
final class CommandStore {
  private static final String COLUMNS =
      """
      select seq, id, lane * 8192 + origin_id, ordering_hash, lease_seconds, max_attempts,
             extract(epoch from deadline_at)::float8, payload_bytes
      from command
      """;

  private static final String BY_SEQ = COLUMNS + "where seq = any(:seqs::bigint[])";
  private static final String BY_ID =
      COLUMNS + "where id = any(:ids::uuid[]) and queued_at is not null";

  /** An index is read by an array in ascending order, so rows are locked in that order. */
  private static final String MARK_STARTED =
      """
      update command set started_at = clock_timestamp() where seq = any(:seqs::bigint[]) and started_at is null
      """;

  /**
   * Ends the commands of which every rollup row is full; in a transaction of its own. Planned while
   * there were few commands, a join would read all of them, and {@code completed_at is null} all
   * that are open, by the index of these. What it waited for is looked at as it is then.
   */
  private static final String COMPLETE =
      """
      update command c
      set completed_at = clock_timestamp(),
          final_state = (
            select case when c.cancel_requested_at is not null and sum(r.cancelled) > 0 then 'cancelled'
                        when sum(r.failed + r.rejected + r.expired + r.cancelled) > 0 then 'failed'
                        when sum(r.processed) > 0 then 'processed'
                        else 'complete' end
            from rollup r where r.seq = c.seq)
      where c.seq = any(:seqs::bigint[]) and coalesce(c.completed_at, 'infinity') = 'infinity'
        and (select sum(r.targeted)
                    = sum(r.succeeded + r.processed + r.failed + r.rejected + r.expired + r.cancelled)
             from rollup r where r.seq = c.seq)
      returning c.seq
      """;

  private CommandStore() {}

  static List<QueuedCommand> bySeq(Handle handle, long[] seqs) {
    return read(handle.createQuery(BY_SEQ).bind("seqs", seqs));
  }

  /** Only those that are in the queue. */
  static List<QueuedCommand> byId(Handle handle, String[] ids) {
    return read(handle.createQuery(BY_ID).bind("ids", ids));
  }

  private static List<QueuedCommand> read(Query query) {
    return query
        .map((rs, context) ->
            new QueuedCommand(
                rs.getLong(1),
                rs.getObject(2, UUID.class),
                rs.getShort(3),
                rs.getLong(4),
                rs.getInt(5),
                rs.getInt(6),
                rs.getDouble(7),
                rs.getInt(8)))
        .list();
  }

  static int markStarted(Handle handle, long[] seqs) {
    return handle.createUpdate(MARK_STARTED).bind("seqs", seqs).execute();
  }

  /** Answers the commands that ended. */
  static List<Long> complete(Handle handle, Collection<Long> seqs) {
    return handle
        .createQuery(COMPLETE)
        .bind("seqs", seqs.stream().mapToLong(Long::longValue).toArray())
        .mapTo(Long.class)
        .list();
  }
}
