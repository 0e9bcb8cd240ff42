// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.testkit.DatabaseExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is removed when it has been kept for long enough, and what is not. */
final class RetentionDbTest {
  private static final int DAYS = 30;

  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private final AtomicInteger nudges = new AtomicInteger();
  private final Metrics metrics = new Metrics();
  private Pool pool;
  private boolean mine = true;

  @BeforeEach
  void prepare() {
    pool =
        Pool.open(
            new DatabaseAddress(database.get().jdbcUrl(), null, null), Pool.Purpose.UPKEEP, 2);
    database
        .get()
        .jdbi()
        .useHandle(handle -> {
          for (int day : new int[] {40, 32, 31, 30, 0}) {
            handle.execute(
                "select make_result_partition((now() at time zone 'UTC')::date - ?)", day);
          }
        });
  }

  @AfterEach
  void stop() {
    pool.close();
    metrics.close();
  }

  private void round() {
    round(InstantSource.system());
  }

  private void round(InstantSource clock) {
    new Retention(pool, clock, DAYS, DAYS, () -> mine, nudges::incrementAndGet, metrics).round();
  }

  /** A command of so many days ago, at noon, with a result, a target, a counter and a key. */
  private UUID command(int daysAgo, @Nullable String completed, String deadline) {
    UUID id = UUID.randomUUID();
    database
        .get()
        .jdbi()
        .useTransaction(handle -> {
          long seq =
              handle
                  .createQuery(
                      "select seq_at(((now() at time zone 'UTC')::date - :days + time '12:00') at"
                          + " time zone 'UTC') + (select count(*) from command)")
                  .bind("days", daysAgo)
                  .mapTo(Long.class)
                  .one();
          handle.execute(
              """
              insert into command (seq, id, origin_id, created_by, operation, target, parameters, options, ordering_key,
                ordering_hash, lane, lease_seconds, max_attempts, payload_bytes, targeted, deadline_at, queued_at, upkeep_at,
                completed_at, final_state)
              values (?, ?, 1, 'test', 'purge', '{}', '{}', '{}', '', 0, 1, 60, 5, 300, 1,
                now() + ?::interval, now(), now() + interval '1 h', now() + ?::interval,
                case when ?::interval is null then null else 'complete' end)
              """,
              seq,
              id,
              deadline,
              completed,
              completed);
          handle.execute("insert into command_target values (?, 0, 1, '{1}')", seq);
          handle.execute(
              "insert into rollup (seq, cell, participant_id, targeted, succeeded) values (?, 0, 1,"
                  + " 1, ?)",
              seq,
              completed == null ? 0 : 1);
          handle.execute("insert into idempotency_key values ('s', ?, ?, '')", id.toString(), id);
          if (completed != null) {
            handle.execute(
                """
                insert into execution_result (seq, server_id, lease_no, state, participant_id, cell, attempt, reported)
                values (?, 1, 1, 'succeeded', 1, 0, 1, true)
                """,
                seq);
          }
        });
    return id;
  }

  private List<String> texts(String sql) {
    return database
        .get()
        .jdbi()
        .withHandle(handle -> handle.createQuery(sql).mapTo(String.class).list());
  }

  private List<String> commands() {
    return texts("select id::text from command order by seq");
  }

  /** How many days ago each of these partitions is. */
  private List<String> days(String parent) {
    return texts(
        "select ((now() at time zone 'UTC')::date - to_date(right(relname, 8), 'YYYYMMDD'))::text"
            + " from pg_class where relkind = 'r' and relname ~ '^"
            + parent
            + "_[0-9]{8}$' order by relname");
  }

  @Test
  void days_that_were_kept_long_enough_go_with_their_commands_and_keys() {
    command(40, "-39 days", "-39 days");
    command(31, "-30 days", "-30 days");
    UUID kept = command(30, "-29 days", "-29 days");

    round();

    assertThat(commands()).containsExactly(kept.toString());
    assertThat(days("execution_result")).containsExactly("30", "0");
    assertThat(days("attempt_log")).containsExactly("30", "0");
    assertThat(texts("select command_id::text from idempotency_key"))
        .containsExactly(kept.toString());
    assertThat(texts("select seq::text from rollup")).hasSize(1);
    assertThat(texts("select seq::text from command_target")).hasSize(1);
    assertThat(texts("select seq::text from execution_result")).hasSize(1);
    assertThat(texts("select command::text from report.execution where state <> 'pending'"))
        .as("what reports read goes on working")
        .isEmpty();
    assertThat(texts("select command::text from report.command")).containsExactly(kept.toString());
  }

  @Test
  void what_is_open_stays_with_its_day_and_what_is_overdue_is_ended_first() {
    UUID waiting = command(40, null, "1 day");
    UUID overdue = command(32, null, "-2 days");
    command(31, "-30 days", "-30 days");

    round();

    assertThat(commands()).containsExactly(waiting.toString(), overdue.toString());
    assertThat(days("execution_result")).containsExactly("40", "32", "30", "0");
    assertThat(nudges).hasValue(1);
    assertThat(texts("select id::text from command where upkeep_at <= now()"))
        .containsExactly(overdue.toString());
  }

  @Test
  void what_ended_less_than_a_day_ago_stays_until_then() {
    UUID fresh = command(32, "-23 h", "-23 h");
    command(32, "-25 h", "-25 h");

    round();

    assertThat(commands()).containsExactly(fresh.toString());
    assertThat(days("execution_result")).containsExactly("32", "30", "0");
    assertThat(texts("select command_id::text from idempotency_key"))
        .containsExactly(fresh.toString());
  }

  @Test
  void a_detaching_that_was_broken_off_is_finished() throws Exception {
    String part = breakOffDetaching();
    assertThat(texts("select inhdetachpending::text from pg_inherits where inhdetachpending"))
        .hasSize(1);

    round();

    assertThat(texts("select relname from pg_class where relname = '" + part + "'")).isEmpty();
    assertThat(texts("select 1 from pg_inherits where inhdetachpending")).isEmpty();
    assertThat(days("execution_result")).containsExactly("30", "0");
  }

  /** Its session is killed while it waits for one who reads the parent. */
  private String breakOffDetaching() throws Exception {
    String part =
        texts(
                "select relname from pg_class where relkind = 'r' and relname ~"
                    + " '^execution_result_[0-9]{8}$' order by relname limit 1")
            .getFirst();
    try (Connection reader = database.get().connect();
        Statement reading = reader.createStatement()) {
      reader.setAutoCommit(false);
      reading.executeQuery("select count(*) from execution_result").close();
      CompletableFuture<Boolean> detaching = CompletableFuture.supplyAsync(() -> detach(part));
      Awaitility.await("it is begun")
          .until(() -> !texts("select 1 from pg_inherits where inhdetachpending").isEmpty());
      texts(
          "select pg_terminate_backend(pid)::text from pg_stat_activity where query like"
              + " '%concurrently' and pid <> pg_backend_pid()");
      assertThat(detaching.get()).isFalse();
      reader.rollback();
    }
    return part;
  }

  private boolean detach(String part) {
    try (Connection connection = database.get().connect();
        Statement statement = connection.createStatement()) {
      statement.execute("alter table execution_result detach partition " + part + " concurrently");
      return true;
    } catch (java.sql.SQLException e) {
      return false;
    }
  }

  @Test
  void who_reads_a_day_that_goes_is_waited_for_and_nobody_is_kept_from_writing() throws Exception {
    command(40, "-39 days", "-39 days");
    UUID today = command(0, null, "1 day");
    try (Connection reader = database.get().connect();
        Statement reading = reader.createStatement()) {
      reader.setAutoCommit(false);
      try (ResultSet rs = reading.executeQuery("select count(*) from execution_result")) {
        assertThat(rs.next()).isTrue();
      }
      CompletableFuture<Void> round = CompletableFuture.runAsync(this::round);
      Awaitility.await("it waits for the reader")
          .until(() -> !texts("select 1 from pg_inherits where inhdetachpending").isEmpty());

      insertResult(today);

      assertThat(round).isNotDone();
      reader.rollback();
      round.get();
    }
    round();
    assertThat(days("execution_result")).containsExactly("30", "0");
    assertThat(texts("select seq::text from execution_result")).hasSize(1);
  }

  private void insertResult(UUID id) {
    database
        .get()
        .jdbi()
        .useTransaction(handle -> {
          handle.execute("set local lock_timeout = '1s'");
          handle.execute(
              """
              insert into execution_result (seq, server_id, lease_no, state, participant_id, cell, attempt, reported)
              select seq, 2, 1, 'succeeded', 1, 0, 1, true from command where id = ?
              """,
              id);
        });
  }

  @Test
  void while_another_node_does_upkeep_nothing_is_removed() {
    UUID old = command(40, "-39 days", "-39 days");
    mine = false;

    round();

    assertThat(commands()).containsExactly(old.toString());
    assertThat(days("execution_result")).containsExactly("40", "32", "31", "30", "0");
  }

  @Test
  void when_the_two_clocks_disagree_nothing_is_removed() {
    UUID old = command(40, "-39 days", "-39 days");
    InstantSource system = InstantSource.system();

    round(InstantSource.offset(system, Duration.ofHours(-2)));

    assertThat(commands()).containsExactly(old.toString());
    round(InstantSource.offset(system, Duration.ofMinutes(-5)));
    assertThat(commands()).isEmpty();
  }

  @Test
  void what_another_node_removes_at_the_same_time_does_no_harm() throws Exception {
    for (int i = 0; i < 200; i++) {
      command(40, "-39 days", "-39 days");
    }
    UUID kept = command(30, "-29 days", "-29 days");

    CompletableFuture<Void> other = CompletableFuture.runAsync(this::round);
    round();
    other.get();
    round();

    assertThat(commands()).containsExactly(kept.toString());
    assertThat(days("execution_result")).containsExactly("30", "0");
  }
}
