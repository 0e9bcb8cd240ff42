// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What commands are to do on the servers of others, as far as it has not ended. */
final class ForeignStore {
  private static final String WISH =
      """
      select c.seq, c.origin_id, c.operation, c.parameters::text, array_to_string(c.configuration_hosts, ' ')
      """;

  /**
   * From the commands that are open, which are few; those that a participant was ever a target of
   * are all that were kept.
   */
  private static final String OPEN =
      """
      with o as materialized (
        select c.seq, c.payload_bytes from command c
        where c.completed_at is null and c.queued_at is not null and c.origin_id not in (0, :participant))
      select o.seq, o.payload_bytes from o
      where exists (select from command_target t where t.seq = o.seq and t.participant_id = :participant)
      order by o.seq
      """;

  private static final String TARGETS =
      WISH
          + """
          , t.cell, t.server_ids
          from command c join command_target t on t.seq = c.seq and t.participant_id = :participant
          where c.seq = any(:seqs::bigint[]) and c.completed_at is null
          order by c.seq
          """;

  private static final String BUSY =
      """
      select s.id from unnest(:ids::int[]) s(id)
      where exists (select from queue q where q.server_id = s.id and q.cell = :cell)
      """;

  private ForeignStore() {}

  /** What a command is to do, as it was stored. */
  record Wish(
      long seq, short originId, String operation, String parameters, @Nullable String hosts) {}

  private static Wish wish(ResultSet rs) throws SQLException {
    return new Wish(
        rs.getLong(1), rs.getShort(2), rs.getString(3), rs.getString(4), rs.getString(5));
  }

  static Wish wish(Handle handle, long seq) {
    return handle
        .createQuery(WISH + "from command c where c.seq = :seq")
        .bind("seq", seq)
        .map((rs, context) -> wish(rs))
        .one();
  }

  static List<Wish> wishes(Handle handle, long[] seqs) {
    return handle
        .createQuery(WISH + "from command c where c.seq = any(:seqs::bigint[])")
        .bind("seqs", seqs)
        .map((rs, context) -> wish(rs))
        .list();
  }

  /** A command of somebody else that is in the queue and has not ended. */
  record Open(long seq, int payloadBytes) {}

  /** Those aimed at a participant's servers, oldest first. */
  static List<Open> open(Handle handle, short participantId) {
    return handle
        .createQuery(OPEN)
        .bind("participant", participantId)
        .map((rs, context) -> new Open(rs.getLong(1), rs.getInt(2)))
        .list();
  }

  /** What such a command is to do on which of the participant's servers. */
  record OnServers(Wish wish, short cell, int[] servers) {}

  static List<OnServers> targets(Handle handle, short participantId, long[] seqs) {
    return handle
        .createQuery(TARGETS)
        .bind("participant", participantId)
        .bind("seqs", seqs)
        .map((rs, context) -> new OnServers(wish(rs), rs.getShort(6), LifecycleStore.ints(rs, 7)))
        .list();
  }

  /** Those of these servers that have something in the queue. */
  static List<Integer> busy(Handle handle, short cell, List<Integer> servers) {
    return handle
        .createQuery(BUSY)
        .bind("ids", servers.stream().mapToInt(Integer::intValue).toArray())
        .bind("cell", cell)
        .mapTo(Integer.class)
        .list();
  }
}
