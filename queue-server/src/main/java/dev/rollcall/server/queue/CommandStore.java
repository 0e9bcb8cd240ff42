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

  private static final String MARK_STARTED =
      """
      with k as materialized (
        select c.seq from command c where c.seq = any(:seqs::bigint[]) and c.started_at is null
        order by c.seq for no key update of c)
      update command c set started_at = clock_timestamp() from k where c.seq = k.seq
      """;

  /** Ends the commands of which every rollup row is full; in a transaction of its own. */
  private static final String COMPLETE =
      """
      with k as materialized (
        select c.seq, c.cancel_requested_at from command c
        where c.seq = any(:seqs::bigint[]) and c.completed_at is null order by c.seq for update of c),
      s as materialized (
        select k.seq, k.cancel_requested_at, t.*
        from k cross join lateral (
          select sum(r.targeted) as targeted, sum(r.succeeded + r.processed) as good, sum(r.failed + r.rejected + r.expired) as bad,
                 sum(r.cancelled) as cancelled, sum(r.processed) as processed
          from rollup r where r.seq = k.seq) t)
      update command c
      set completed_at = clock_timestamp(),
          final_state = case when s.cancel_requested_at is not null and s.cancelled > 0 then 'cancelled'
                             when s.bad + s.cancelled > 0 then 'failed'
                             when s.processed > 0 then 'processed'
                             else 'complete' end
      from s where c.seq = s.seq and s.targeted = s.good + s.bad + s.cancelled
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
