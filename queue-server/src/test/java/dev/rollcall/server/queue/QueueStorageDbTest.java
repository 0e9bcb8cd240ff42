// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.DatabaseExtension;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What keeps leases cheap: indexes, free room on pages, pinned settings, bounded looks. */
final class QueueStorageDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  @Test
  void no_column_that_a_lease_or_a_count_changes_is_in_an_index() {
    List<String> indexed =
        strings(
            """
            select c.relname || '.' || a.attname from pg_index i
            join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
            where n.nspname = 'rollcall' and c.relname in ('queue', 'rollup')
            order by 1
            """);

    assertThat(indexed)
        .containsExactly(
            "queue.cell",
            "queue.seq",
            "queue.server_id",
            "queue.track",
            "rollup.cell",
            "rollup.participant_id",
            "rollup.seq");
  }

  @Test
  void nothing_refers_to_what_settling_writes() {
    assertThat(
            strings(
                """
                select conname from pg_constraint where contype = 'f'
                  and (conrelid::regclass::text || ' ' || confrelid::regclass::text)
                    ~ '(queue|execution_result|attempt_log|rollup|command_target)'
                """))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Pool.Purpose.class,
      names = {"EDGE", "SUBMIT", "UPKEEP"})
  void a_pool_of_the_hot_path_pins_its_plans(Pool.Purpose purpose) {
    try (Pool pool = pool(purpose)) {
      var settings = new TreeMap<String, String>();
      for (String name :
          List.of(
              "enable_seqscan",
              "enable_bitmapscan",
              "enable_hashjoin",
              "enable_mergejoin",
              "jit")) {
        settings.put(name, pool.withHandle(h -> one(h, "show " + name, String.class)));
      }
      assertThat(settings.values()).as("%s", settings).containsOnly("off");
      String lockTimeout = pool.withHandle(h -> one(h, "show lock_timeout", String.class));
      String timeout = pool.withHandle(h -> one(h, "show statement_timeout", String.class));
      assertThat(List.of(lockTimeout, timeout)).doesNotContain("0");
    }
  }

  @Test
  void leases_and_their_ends_are_updates_within_their_page() {
    var queue = new QueueFixture(database.get());
    database
        .get()
        .jdbi()
        .useHandle(handle -> {
          int[] servers = IntStream.rangeClosed(1, 300).toArray();
          for (int i = 0; i < 5; i++) {
            queue.submit(handle, Options.DEFAULT.key(0).attempts(100), servers);
          }
          for (int round = 0; round < 6; round++) {
            for (int server = 1; server <= 300; server += 3) {
              assertThat(queue.lease(handle, server, 10)).hasSize(5);
            }
            handle.execute(
                "update queue set visible_at = now() - interval '1 s' where leased_at >"
                    + " '-infinity'");
          }
          handle.execute("select pg_stat_force_next_flush()");
          handle.execute("select 1");
        });
    double share =
        Double.parseDouble(
            strings(
                    """
                    select (n_tup_hot_upd / greatest(n_tup_upd, 1)::float8)::text from pg_stat_user_tables
                    where relname = 'queue' and n_tup_upd >= 3000
                    """)
                .getFirst());
    assertThat(share).isGreaterThanOrEqualTo(0.95);
  }

  @ParameterizedTest
  @ValueSource(strings = {"force_generic_plan", "force_custom_plan"})
  void a_lease_of_ten_touches_few_pages_however_long_the_backlog(String plans) {
    var queue = new QueueFixture(database.get());
    try (Pool pool = pool(Pool.Purpose.EDGE)) {
      long pages =
          pool.withHandle(handle -> {
            handle.execute("set plan_cache_mode = " + plans);
            queue.submit(handle, Options.DEFAULT.key(0), 1);
            assertThat(queue.lease(handle, 1, 10)).hasSize(1);
            for (int i = 0; i < 40; i++) {
              queue.submit(handle, Options.DEFAULT.key(0), 1);
            }
            handle.execute(
                """
                insert into queue (seq, server_id, cell, track)
                select 9000000000000000000 + g, 1, 0, %s from generate_series(1, 100000) g
                """
                    .formatted(Track.of(1, 1)));
            PlanLog log = PlanLog.on(handle);
            assertThat(queue.lease(handle, 1, 10)).hasSize(10);
            List<PlanLog.Explained> plan = log.take(handle);
            assertThat(plan).isNotEmpty();
            return plan.stream().mapToLong(PlanLog.Explained::pages).sum();
          });
      assertThat(pages).isLessThan(200);
    }
  }

  @Test
  void free_work_behind_a_thousand_of_a_blocked_key_arrives_within_two_polls() {
    var queue = new QueueFixture(database.get());
    database
        .get()
        .jdbi()
        .useHandle(handle -> {
          queue.submit(handle, Options.DEFAULT.key(5), 1);
          assertThat(queue.lease(handle, 1, 1)).hasSize(1);
          handle.useTransaction(h -> {
            for (int i = 0; i < 1_000; i++) {
              queue.submit(h, Options.DEFAULT.key(5), 1);
            }
          });
          QueuedCommand free = queue.submit(handle, Options.DEFAULT.key(6), 1);

          List<Exchange.Lease> first = queue.lease(handle, 1, 1);
          List<Exchange.Lease> got = first.isEmpty() ? queue.lease(handle, 1, 1) : first;
          assertThat(QueueFixture.seqs(got)).containsExactly(free.seq());
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"enable_nestloop", "enable_material", "enable_sort", "enable_indexscan"})
  void a_poll_locks_and_leases_no_more_than_it_wants_whatever_the_plan(String off) {
    var queue = new QueueFixture(database.get());
    database
        .get()
        .jdbi()
        .useHandle(handle -> {
          handle.execute("set " + off + " = off");
          for (int i = 0; i < 50; i++) {
            queue.submit(handle, Options.DEFAULT.key(0), 1);
          }
          handle.begin();
          assertThat(queue.lease(handle, 1, 1)).hasSize(1);
          assertThat(one(handle, "select count(*) from queue where lease_no > 0", Integer.class))
              .isEqualTo(1);
          try (Handle beside = database.get().jdbi().open()) {
            assertThat(queue.lease(beside, 1, 50)).hasSize(49);
          }
          handle.commit();
        });
  }

  private static <T> T one(Handle handle, String sql, Class<T> type) {
    return handle.createQuery(sql).mapTo(type).one();
  }

  private List<String> strings(String sql) {
    return database.get().jdbi().withHandle(h -> h.createQuery(sql).mapTo(String.class).list());
  }

  private Pool pool(Pool.Purpose purpose) {
    return Pool.open(new DatabaseAddress(database.get().jdbcUrl(), null, null), purpose, 1);
  }
}
