// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.testkit.DatabaseExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One node at a time does upkeep. */
final class UpkeepDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private final Metrics metrics = new Metrics();
  private Pool pool;
  private Upkeep first;
  private Upkeep second;

  @BeforeEach
  void prepare() {
    pool =
        Pool.open(
            new DatabaseAddress(database.get().jdbcUrl(), null, null), Pool.Purpose.UPKEEP, 2);
    first = new Upkeep(pool, "first", metrics);
    second = new Upkeep(pool, "second", metrics);
  }

  @AfterEach
  void stop() {
    first.close();
    second.close();
    pool.close();
    metrics.close();
  }

  private String holder() {
    return database
        .get()
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select coalesce(max(holder) filter (where until > now()), 'nobody') from"
                        + " upkeep_lease")
                .mapTo(String.class)
                .one());
  }

  /** The holder was silent for longer than its lease. */
  private void letItLapse() {
    database
        .get()
        .jdbi()
        .useHandle(
            handle -> handle.execute("update upkeep_lease set until = now() - interval '1 ms'"));
  }

  private void days(String sql) {
    database.get().jdbi().useHandle(handle -> handle.execute(sql));
  }

  @Test
  void who_came_first_does_it_until_it_stops() {
    first.round();
    second.round();
    assertThat(holder()).isEqualTo("first");
    assertThat(second.isMine()).isFalse();

    first.close();

    assertThat(holder()).isEqualTo("nobody");
    second.round();
    assertThat(holder()).isEqualTo("second");
  }

  @Test
  void one_that_was_silent_for_too_long_finds_another_in_its_place() {
    first.round();
    letItLapse();

    second.round();

    assertThat(holder()).isEqualTo("second");
    first.round();
    assertThat(first.isMine()).isFalse();
    assertThat(holder()).isEqualTo("second");
    first.close();
    assertThat(holder()).as("who has lost it gives nothing back").isEqualTo("second");
  }

  @Test
  void one_that_is_asked_in_the_middle_of_its_work_asks_the_database_when_time_has_passed()
      throws Exception {
    List<Boolean> answers = new CopyOnWriteArrayList<>();
    Upkeep.Work slow =
        mine -> {
          answers.add(mine.getAsBoolean());
          letItLapse();
          second.round();
          answers.add(waitUntilItAsks(mine));
          return false;
        };
    first.start(slow);

    Awaitility.await("it has found out").until(() -> answers.size() >= 2);

    assertThat(answers.subList(0, 2)).containsExactly(true, false);
    assertThat(holder()).isEqualTo("second");
  }

  /** Half of its ten seconds it may trust its own clock. */
  private static boolean waitUntilItAsks(BooleanSupplier mine) {
    long end = System.nanoTime() + Duration.ofSeconds(8).toNanos();
    while (mine.getAsBoolean() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return mine.getAsBoolean();
  }

  @Test
  void partitions_that_are_missing_are_made_at_once() {
    first.round();
    assertThat(Readiness.of(pool)).isEqualTo(Readiness.OK);
    days(
        "do $$ begin execute 'drop table execution_result_' || to_char((now() at time zone"
            + " 'UTC')::date, 'YYYYMMDD'); end $$");
    assertThat(Readiness.of(pool)).contains("partition");

    second = new Upkeep(pool, "first", metrics);
    second.round();

    assertThat(Readiness.of(pool)).isEqualTo(Readiness.OK);
  }

  @Test
  void when_the_clock_was_set_back_the_days_of_the_last_number_have_partitions() {
    days("select setval('command_seq', seq_at(now() + interval '60 days'))");
    assertThat(Readiness.of(pool)).contains("partition");

    first.round();

    assertThat(Readiness.of(pool)).isEqualTo(Readiness.OK);
    days(
        """
        insert into execution_result (seq, server_id, lease_no, state, participant_id, cell, attempt, reported)
        values (take_seqs(1), 1, 1, 'succeeded', 1, 0, 1, true)
        """);
  }
}
