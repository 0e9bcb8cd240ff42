// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import dev.rollcall.load.history.Violations.Promise;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;

/** What the database says of a run's commands, and whether it agrees with itself. */
final class DatabaseRules {
  private static final String COMMANDS =
      """
      select c.id, c.seq, c.lane, c.ordering_hash, c.targeted, c.completed_at is not null
      from unnest(?::uuid[]) i(id) join rollcall.command c on c.id = i.id
      """;

  private static final String TARGETED =
      """
      select c.id, 'has ' || coalesce(r.n, 0) || ' executions in its counters, but targeted ' || c.targeted
      from rollcall.command c
      left join (select seq, sum(targeted) as n from rollcall.rollup where seq = any (?) group by 1) r
        on r.seq = c.seq
      where c.seq = any (?) and c.targeted is distinct from coalesce(r.n, 0)
      """;

  private static final String NOT_ENDED =
      """
      select c.id, 'has no end at server ' || s.id
      from rollcall.command_target t
      join rollcall.command c on c.seq = t.seq
      cross join unnest(t.server_ids) s(id)
      left join rollcall.execution_result e on e.seq = t.seq and e.server_id = s.id and e.cell = t.cell
      where t.seq = any (?) and e.seq is null
      """;

  private static final String NOT_TARGETED =
      """
      select c.id, 'ended at server ' || e.server_id || ', which is not in its target'
      from rollcall.execution_result e
      join rollcall.command c on c.seq = e.seq
      where e.seq = any (?) and not exists (
        select from rollcall.command_target t
        where t.seq = e.seq and t.cell = e.cell and t.participant_id = e.participant_id
          and e.server_id = any (t.server_ids))
      """;

  private static final String COUNTERS =
      """
      with r as (
        select seq, participant_id, sum(targeted) as targeted,
               array[sum(succeeded), sum(failed), sum(rejected), sum(expired), sum(cancelled)] as counted
        from rollcall.rollup where seq = any (?) group by 1, 2),
      e as (
        select seq, participant_id, count(*) as ended,
               array[count(*) filter (where state = 'succeeded'), count(*) filter (where state = 'failed'),
                     count(*) filter (where state = 'rejected'), count(*) filter (where state = 'expired'),
                     count(*) filter (where state = 'cancelled')] as found
        from rollcall.execution_result where seq = any (?) group by 1, 2)
      select c.id, 'participant ' || participant_id || ': targeted ' || coalesce(r.targeted, 0) || ', counted '
        || coalesce(r.counted::text, 'nothing') || ', results ' || coalesce(e.found::text, 'none')
      from r full join e using (seq, participant_id) join rollcall.command c using (seq)
      where r.counted is distinct from e.found or r.targeted is distinct from e.ended
      """;

  private static final String FINAL_STATE =
      """
      select c.id, 'ended ' || c.final_state || ', but its counters say ' || s.state
      from rollcall.command c
      cross join lateral (
        select case when c.cancel_requested_at is not null and sum(r.cancelled) > 0 then 'cancelled'
                    when sum(r.failed + r.rejected + r.expired + r.cancelled) > 0 then 'failed'
                    when sum(r.processed) > 0 then 'processed'
                    else 'complete' end as state
        from rollcall.rollup r where r.seq = c.seq) s
      where c.seq = any (?) and c.final_state is not null and c.final_state <> s.state
      """;

  private static final String IN_QUEUE =
      """
      select c.id, 'is still in the queue of server ' || q.server_id || ' (attempt ' || q.attempt || ')'
      from rollcall.queue q join rollcall.command c on c.seq = q.seq where q.seq = any (?)
      """;

  private final Connection connection;

  DatabaseRules(Connection connection) {
    this.connection = connection;
  }

  /** What it holds of these commands. */
  void readCommands(UUID[] ids, Consumer<CommandRow> sink) throws SQLException {
    Array array = connection.createArrayOf("uuid", ids);
    try (PreparedStatement statement = connection.prepareStatement(COMMANDS)) {
      statement.setArray(1, array);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          sink.accept(
              new CommandRow(
                  rows.getObject(1, UUID.class),
                  rows.getLong(2),
                  rows.getInt(3),
                  rows.getLong(4),
                  rows.getInt(5),
                  rows.getBoolean(6)));
        }
      }
    }
  }

  record CommandRow(UUID id, long seq, int lane, long key, int targeted, boolean completed) {}

  /** Counters against rows, targets against results, and what is left in the queue. */
  void check(long[] seqs, Violations violations) throws SQLException {
    look(TARGETED, seqs, Promise.LOST, violations);
    look(NOT_ENDED, seqs, Promise.LOST, violations);
    look(NOT_TARGETED, seqs, Promise.MISCOUNTED, violations);
    look(COUNTERS, seqs, Promise.MISCOUNTED, violations);
    look(FINAL_STATE, seqs, Promise.MISCOUNTED, violations);
    look(IN_QUEUE, seqs, Promise.LEFT_OVER, violations);
  }

  private void look(String sql, long[] seqs, Promise promise, Violations violations)
      throws SQLException {
    int parameters = (int) sql.chars().filter(c -> c == '?').count();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 1; i <= parameters; i++) {
        statement.setObject(i, seqs);
      }
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          violations.add(promise, "command " + rows.getString(1) + " " + rows.getString(2));
        }
      }
    }
  }

  /** One end, as the database holds it. */
  record ResultRow(long seq, int serverId, int leaseNo, String state, boolean reported) {}

  /** All ends of these commands; reads in one pass and keeps nothing. */
  void readResults(long[] seqs, Consumer<ResultRow> sink) throws SQLException {
    connection.setAutoCommit(false); // else the driver reads all rows at once
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select seq, server_id, lease_no, state::text, reported from rollcall.execution_result"
                + " where seq = any (?)")) {
      statement.setFetchSize(20_000);
      statement.setObject(1, seqs);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          sink.accept(
              new ResultRow(
                  rows.getLong(1),
                  rows.getInt(2),
                  rows.getInt(3),
                  rows.getString(4),
                  rows.getBoolean(5)));
        }
      }
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** Calls with each server's full name and number. */
  void readServers(ObjIntConsumer<String> sink) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "select p.name || '/' || s.name, s.id from rollcall.server s join"
                    + " rollcall.participant p on p.id = s.participant_id where s.removed_at is"
                    + " null");
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        sink.accept(rows.getString(1), rows.getInt(2));
      }
    }
  }
}
