// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import dev.rollcall.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * A small run in which nothing went wrong, as its clients and the database recorded it: three
 * commands of one key to two servers, each accepted, handed out, reported and counted. To be
 * spoiled by a test.
 */
final class RecordedRun {
  static final int COMMANDS = 3;
  static final List<String> SERVERS = List.of("p/s1", "p/s2");

  private static final long KEY = 7;
  private static final long STEP = 1_000_000;

  private final TestDatabase database;
  private final CommandLog log = new CommandLog();
  private final LeaseLog leases = new LeaseLog();
  private final List<UUID> ids = new ArrayList<>();

  RecordedRun(TestDatabase database) {
    this.database = database;
    database.jdbi().useHandle(this::store);
    for (int command = 0; command < COMMANDS; command++) {
      accepted(command, SERVERS.size());
      for (int server = 0; server < SERVERS.size(); server++) {
        int number = leased(server, command, 1);
        report(number, Result.SUCCEEDED, Judgement.ACCEPTED);
      }
    }
  }

  private void store(Handle handle) {
    handle.execute("select make_result_partition(current_date + d) from generate_series(-1, 1) d");
    handle.execute("insert into participant (name, delivery, scope) values ('p', 'poll', 'all')");
    handle.execute(
        "insert into server (participant_id, name) select 1, 's' || n from generate_series(1, 3)"
            + " n");
    long seq = handle.createQuery("select take_seqs(" + COMMANDS + ")").mapTo(Long.class).one();
    PreparedBatch commands =
        handle.prepareBatch(
            """
            insert into command (seq, id, origin_id, created_by, operation, target, parameters, options, ordering_key,
              ordering_hash, lane, lease_seconds, max_attempts, payload_bytes, targeted, deadline_at, queued_at,
              completed_at, final_state, upkeep_at)
            values (:seq, :id, 1, 'test', 'purge', '{}', '{}', '{}', 'k', :key, 1, 60, 5, 100, 2,
              now() + interval '1 day', now(), now(), 'complete', now())
            """);
    for (int i = 0; i < COMMANDS; i++) {
      ids.add(new UUID(7, i));
      commands.bind("seq", seq + i).bind("id", ids.get(i)).bind("key", KEY).add();
    }
    commands.execute();
    handle.execute(
        "insert into command_target (seq, cell, participant_id, server_ids) select seq, 0, 1,"
            + " '{1,2}' from command");
    handle.execute(
        "insert into rollup (seq, cell, participant_id, targeted, succeeded) select seq, 0, 1, 2, 2"
            + " from command");
    handle.execute(
        """
        insert into execution_result (seq, server_id, lease_no, state, participant_id, cell, attempt, reported)
        select seq, s, 1, 'succeeded', 1, 0, 1, true from command, generate_series(1, 2) s
        """);
  }

  /** The commands in the order of their acceptance. */
  UUID id(int command) {
    return ids.get(command);
  }

  /** Answered with 202, each before the next one was sent. */
  void accepted(int command, int targeted) {
    accepted(command, targeted, command * STEP + 1, command * STEP + 2);
  }

  void accepted(int command, int targeted, long sentAt, long answeredAt) {
    log.accepted(new CommandLog.Accepted(id(command), sentAt, answeredAt, targeted));
  }

  /** Handed out after all that was handed out before; answers the lease's place in the log. */
  int leased(int server, int command, int lease) {
    long at = (leases.size() + 10) * STEP;
    return leases.leased(server, log.number(id(command)), lease, 60, at, at + 1);
  }

  void report(int number, Result result, Judgement judgement) {
    long at = leases.get(number).leasedAt();
    leases.reported(number, result, at + 1);
    if (judgement != Judgement.NONE) {
      leases.judged(number, judgement, at + 2);
    }
  }

  /** Where the lease 1 of a command at a server stands in the log. */
  int first(int server, int command) {
    return command * SERVERS.size() + server;
  }

  /** Changes what the database holds; {@code :seq} is that of the command. */
  void spoil(int command, String... statements) {
    database
        .jdbi()
        .useHandle(handle -> {
          for (String sql : statements) {
            handle
                .createUpdate(
                    sql.replace(
                        ":seq", "(select seq from command where id = '" + id(command) + "')"))
                .execute();
          }
        });
  }

  Violations judge(boolean connectionsLost) {
    try (Connection connection = database.connect()) {
      return new HistoryChecker(SERVERS, log, List.of(leases), connectionsLost).check(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  Violations judge() {
    return judge(false);
  }
}
