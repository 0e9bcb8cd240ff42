// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statement that counts what has not ended. */
final class BacklogStore {
  /**
   * One pass over the queue, or over its key. What is small is left out: with ten thousand servers
   * nearly all of it is, and it is far from any limit.
   */
  static final String COUNT =
      """
      select server_id, origin_id, count(*)
      from (select server_id, track % 8192 as origin_id from queue where server_id > 0) q
      group by grouping sets ((server_id, origin_id), (origin_id))
      having count(*) >= case when grouping(server_id) = 0 then :perServer else :perOrigin end
      """;

  private BacklogStore() {}

  /**
   * @param serverId null: on all servers together
   */
  record Row(@Nullable Integer serverId, short originId, long open) {}

  /** Of those that have at least so many open. */
  static List<Row> count(Handle handle, long perServer, long perOrigin) {
    return handle
        .createQuery(COUNT)
        .bind("perServer", perServer)
        .bind("perOrigin", perOrigin)
        .map((rs, context) ->
            new Row(
                rs.getObject(1) == null ? null : Integer.valueOf(rs.getInt(1)),
                rs.getShort(2),
                rs.getLong(3)))
        .list();
  }
}
