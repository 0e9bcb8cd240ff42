// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * How far a cluster has counted. What a session did reaches {@code fullPages} and {@code vacuums}
 * within a second or so; the other two are exact.
 *
 * @param walBytes the position of the write-ahead log
 * @param fullPages how many whole pages went into that log: each page that is first changed after a
 *     checkpoint
 * @param checkpoint where in that log the last finished checkpoint is
 * @param vacuums how many tables of one database autovacuum has vacuumed or analysed
 * @param vacuuming how many processes of autovacuum are at work, in any database
 */
public record Counters(
    long walBytes, long fullPages, long checkpoint, long vacuums, long vacuuming) {
  private static final String VACUUMS =
      "(select coalesce(sum(autovacuum_count + autoanalyze_count), 0) from pg_stat_user_tables)";

  private static final String ALL =
      """
      select pg_current_wal_lsn() - '0/0',
        (select wal_fpi from pg_stat_wal),
        (select checkpoint_lsn - '0/0' from pg_control_checkpoint()),
        %s,
        (select count(*) from pg_stat_activity where backend_type = 'autovacuum worker')
      """
          .formatted(VACUUMS);

  /** Of the cluster; the vacuums of this one of its databases. */
  public static Counters read(Database database) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(ALL)) {
      rows.next();
      return new Counters(
          rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getLong(4), rows.getLong(5));
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
  }

  /** With the vacuums of a second database of the same cluster. */
  public Counters andVacuumsOf(Database other) {
    long both = vacuums + other.number("select " + VACUUMS);
    return new Counters(walBytes, fullPages, checkpoint, both, vacuuming);
  }
}
