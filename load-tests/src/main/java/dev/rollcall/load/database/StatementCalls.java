// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** How often each statement of a database was executed so far. Confined to one thread. */
public final class StatementCalls implements AutoCloseable {
  private static final String COUNTED =
      """
      select count(*) from pg_extension, pg_settings where extname = 'pg_stat_statements'
        and name = 'shared_preload_libraries' and setting like '%pg_stat_statements%'
      """;

  private static final String CALLS =
      """
      select left(regexp_replace(query, '\\s+', ' ', 'g'), 70), sum(calls)::bigint from pg_stat_statements
      where dbid = (select oid from pg_database where datname = current_database()) group by 1
      """;

  private final Connection connection;
  private final boolean counted;

  private StatementCalls(Connection connection, boolean counted) {
    this.connection = connection;
    this.counted = counted;
  }

  public static StatementCalls of(Database database) throws SQLException {
    return new StatementCalls(database.connect(), database.number(COUNTED) > 0);
  }

  /** By the beginning of the statement; empty if the database does not count them. */
  public Map<String, Long> read() throws SQLException {
    Map<String, Long> calls = new HashMap<>();
    if (counted) {
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(CALLS)) {
        while (rows.next()) {
          calls.put(rows.getString(1), rows.getLong(2));
        }
      }
    }
    return calls;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
