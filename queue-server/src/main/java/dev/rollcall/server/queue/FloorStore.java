// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import org.jdbi.v3.core.Handle;

/** The statements that tell how far places in the order are all in sight. */
final class FloorStore {
  private static final String LAST_PLACE = "select last_value from command_seq";

  private static final String SNAPSHOT =
      """
      select pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint,
             date_part('epoch', pg_postmaster_start_time())
      from pg_current_snapshot() s
      """;

  private FloorStore() {}

  /**
   * @param place the highest place that was taken, as read before the rest
   * @param oldest the lowest transaction id that was not over
   * @param next the lowest that was not given out
   * @param databaseStart when this database was started, in seconds since 1970
   */
  record Sight(long place, long oldest, long next, double databaseStart) {}

  /** Not to be called within a transaction that keeps its snapshot. */
  static Sight sight(Handle handle) {
    long place = handle.createQuery(LAST_PLACE).mapTo(Long.class).one();
    return handle
        .createQuery(SNAPSHOT)
        .map((rs, context) -> new Sight(place, rs.getLong(1), rs.getLong(2), rs.getDouble(3)))
        .one();
  }
}
