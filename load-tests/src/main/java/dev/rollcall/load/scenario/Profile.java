// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.database.Database;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.Table;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What each statement cost, by pg_stat_statements; its library must be loaded by the server. */
final class Profile {
  private static final String COSTS =
      """
      select total_exec_time, calls, rows, shared_blks_hit + shared_blks_read, wal_bytes,
             left(regexp_replace(query, '\\s+', ' ', 'g'), 70)
      from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
      order by 1 desc limit 12
      """;

  private Profile() {}

  static void begin(Database database) {
    database.execute(
        "create extension if not exists pg_stat_statements", "select pg_stat_statements_reset()");
  }

  static String end(Database database) {
    var table = new Table("Statements", "ms", "calls", "rows", "buffers", "WAL bytes", "query");
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(COSTS)) {
      while (rows.next()) {
        table.row(
            Figures.of(rows.getDouble(1)),
            rows.getString(2),
            rows.getString(3),
            rows.getString(4),
            rows.getString(5),
            rows.getString(6));
      }
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
    return "\n" + table;
  }
}
