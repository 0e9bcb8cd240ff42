// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.sql.Array;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The statements on what servers missed. */
final class ResyncStore {
  /** Rows are taken in the order of their key. */
  private static final String MISS =
      """
      insert into resync as r (server_id, cell, since, missed)
      select m.server_id, :cell, seq_time(m.seq), m.missed
      from unnest(:servers::int[], :seqs::bigint[], :missed::int[]) m(server_id, seq, missed)
      order by m.server_id
      on conflict (server_id, cell) do update
      set id = gen_random_uuid(), since = least(r.since, excluded.since), missed = r.missed + excluded.missed,
          changed_by = pg_current_xact_id()
      """;

  /** What a transaction changed that was not over when the last horizon was taken. */
  private static final String CHANGED =
      """
      select pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
             array_agg(r.server_id), array_agg(r.changed_by::text::bigint)
      from resync r where r.changed_by >= :horizon::text::xid8
      """;

  private static final String OF =
      "select id, since, missed from resync where server_id = :server and cell = :cell";

  private static final String ACKNOWLEDGE =
      "delete from resync where server_id = :server and cell = :cell and id = :id::uuid";

  private static final String FORGET = "delete from resync where server_id = any(:servers::int[])";

  private ResyncStore() {}

  /**
   * Notes what servers missed, as columns; each server once, ascending.
   *
   * @param seqs of each the oldest command it missed
   */
  static void miss(Handle handle, short cell, int[] servers, long[] seqs, int[] missed) {
    handle
        .createUpdate(MISS)
        .bind("servers", servers)
        .bind("seqs", seqs)
        .bind("missed", missed)
        .bind("cell", cell)
        .execute();
  }

  /**
   * Servers that missed something.
   *
   * @param horizon to be asked with next
   * @param changes of each server the transaction that noted it
   */
  record Changed(long horizon, Map<Integer, Long> changes) {}

  /**
   * @param horizon 0: all of them
   */
  static Changed changed(Handle handle, long horizon) {
    return handle
        .createQuery(CHANGED)
        .bind("horizon", String.valueOf(horizon))
        .map((rs, context) -> {
          Array servers = rs.getArray(2);
          return new Changed(
              rs.getLong(1), servers == null ? Map.of() : changes(servers, rs.getArray(3)));
        })
        .one();
  }

  private static Map<Integer, Long> changes(Array servers, Array changes) throws SQLException {
    Integer[] ids = (Integer[]) servers.getArray();
    Long[] by = (Long[]) changes.getArray();
    Map<Integer, Long> found = new HashMap<>();
    for (int i = 0; i < ids.length; i++) {
      found.put(ids[i], by[i]);
    }
    return found;
  }

  static Optional<Resyncs.Resync> of(Handle handle, QueueServer server) {
    return handle
        .createQuery(OF)
        .bind("server", server.id())
        .bind("cell", server.cell())
        .map((rs, context) ->
            new Resyncs.Resync(
                rs.getObject(1, UUID.class),
                rs.getObject(2, OffsetDateTime.class).toInstant(),
                rs.getLong(3)))
        .findOne();
  }

  /** False when it is not, or no longer, the current one. */
  static boolean acknowledge(Handle handle, QueueServer server, UUID id) {
    return handle
            .createUpdate(ACKNOWLEDGE)
            .bind("server", server.id())
            .bind("cell", server.cell())
            .bind("id", id)
            .execute()
        > 0;
  }

  static int forget(Handle handle, Collection<Integer> servers) {
    return handle
        .createUpdate(FORGET)
        .bind("servers", servers.stream().mapToInt(Integer::intValue).toArray())
        .execute();
  }
}
