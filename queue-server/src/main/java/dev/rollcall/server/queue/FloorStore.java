// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import org.jdbi.v3.core.Handle;

/** The statements that tell how far places in the order are all in sight. */
final class FloorStore {
  private static final String LAST_PLACE = "select last_value from command_seq";

  /** Takes a transaction id: the end of a snapshot may be lower than one that is given out. */
  private static final String IDS =
      """
      select pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_current_xact_id()::text::bigint,
             date_part('epoch', pg_postmaster_start_time())
      """;

  private FloorStore() {}

  /**
   * @param place the highest place that was taken, as read before the rest
   * @param oldest the lowest transaction id that was not over
   * @param own an id that was given out after that place was read: all before are lower
   * @param databaseStart when this database was started, in seconds since 1970
   */
  record Sight(long place, long oldest, long own, double databaseStart) {}

  /** Not to be called within a transaction that keeps its snapshot. */
  static Sight sight(Handle handle) {
    long place = handle.createQuery(LAST_PLACE).mapTo(Long.class).one();
    return handle
        .createQuery(IDS)
        .map((rs, context) -> new Sight(place, rs.getLong(1), rs.getLong(2), rs.getDouble(3)))
        .one();
  }
}
