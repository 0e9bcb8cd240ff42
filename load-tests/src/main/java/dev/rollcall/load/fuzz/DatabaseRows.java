// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import dev.rollcall.load.database.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What stands in the database. Immutable. */
final class DatabaseRows {
  /** What is compared one by one. */
  enum Ids {
    COMMAND("command", false, "select id::text from command"),
    ENROLMENT("enrolment", false, "select id::text from enrolment"),
    OPERATION("operation", false, "select name from operation"),
    HOLD("hold", true, "select name from hold");

    private final String word;
    private final boolean mayGo;
    private final String query;

    Ids(String word, boolean mayGo, String query) {
      this.word = word;
      this.mayGo = mayGo;
      this.query = query;
    }

    String word() {
      return word;
    }

    /** Whether a request may have taken it away again. */
    boolean mayGo() {
      return mayGo;
    }
  }

  /** What is compared by number. Where nothing answers for it, there is to be none. */
  enum Count {
    /** Also those that were removed: their rows stay. A gateway comes with its participant. */
    REGISTRY(
        "participants, customers, servers and configurations",
        """
        select (select count(*) from participant) + (select count(*) from customer)
          + (select count(*) from server where name <> '*') + (select count(*) from configuration)
        """),
    TOKENS("tokens", "select count(*) from token"),
    JOIN_TOKENS("join tokens", "select count(*) from join_token"),
    AUDITED_COMMANDS(
        "commands in the audit record",
        "select count(*) from audit where action in ('command-submit', 'command-retry')"),
    STRAY_EXECUTIONS(
        "executions that no command counts",
        """
        select (select count(*) from queue where server_id > 0) + (select count(*) from execution_result)
          - (select coalesce(sum(targeted), 0) from command
             where queued_at is not null or completed_at is not null)
        """),
    ORPHANS(
        "rows without their command",
        """
        select count(*) from (
          select seq from queue where server_id > 0 union all select seq from execution_result
          union all select seq from attempt_log union all select seq from command_target
          union all select seq from rollup) e
        where not exists (select from command c where c.seq = e.seq)
        """),
    ORPHAN_KEYS(
        "idempotency keys without their command",
        """
        select count(*) from idempotency_key k
        where not exists (select from command c where c.id = k.command_id)
        """),
    LEFT_LEANING(
        "deployments, hosts and exposures of what is removed",
        """
        select (select count(*) from deployment d join configuration c on c.id = d.configuration_id
                where c.removed_at is not null)
          + (select count(*) from configuration_host h join configuration c on c.id = h.configuration_id
             where c.removed_at is not null)
          + (select count(*) from exposure e join participant p on p.id in (e.participant_id, e.to_participant_id)
             where p.removed_at is not null)
        """);

    private final String word;
    private final String query;

    Count(String word, String query) {
      this.word = word;
      this.query = query;
    }

    String word() {
      return word;
    }
  }

  private final Map<Ids, Set<String>> ids;
  private final Map<Count, Long> counts;

  DatabaseRows(Map<Ids, Set<String>> ids, Map<Count, Long> counts) {
    this.ids = Map.copyOf(ids);
    this.counts = Map.copyOf(counts);
  }

  private static DatabaseRows read(Statement statement) throws SQLException {
    Map<Ids, Set<String>> ids = new EnumMap<>(Ids.class);
    for (Ids kind : Ids.values()) {
      Set<String> found = new HashSet<>();
      try (ResultSet rows = statement.executeQuery(kind.query)) {
        while (rows.next()) {
          found.add(rows.getString(1));
        }
      }
      ids.put(kind, found);
    }
    Map<Count, Long> counts = new EnumMap<>(Count.class);
    for (Count kind : Count.values()) {
      try (ResultSet rows = statement.executeQuery(kind.query)) {
        rows.next();
        counts.put(kind, rows.getLong(1));
      }
    }
    return new DatabaseRows(ids, counts);
  }

  /** As it is at one moment. */
  static DatabaseRows read(Database database) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("set local search_path to rollcall");
      return read(statement);
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
  }

  Set<String> ids(Ids kind) {
    return Collections.unmodifiableSet(ids.getOrDefault(kind, Set.of()));
  }

  long count(Count kind) {
    return counts.getOrDefault(kind, 0L);
  }
}
