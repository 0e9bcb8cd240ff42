// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.testkit.DatabaseExtension;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The count of what is open: what it finds, and what it reads. */
final class BacklogDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private static final Pattern HIT = Pattern.compile("shared hit=(\\d+)");

  private static void fill(Handle handle, int servers, int each) {
    handle
        .createUpdate(
            """
            insert into queue (seq, server_id, cell, track)
            select n, s, 0, 8192 * (n % 3) + 1 + n % 2
            from generate_series(1, :servers) s, generate_series(1, :each) n
            """)
        .bind("servers", servers)
        .bind("each", each)
        .execute();
    handle.execute("analyze queue");
  }

  @Test
  void it_counts_by_server_and_origin_and_leaves_out_what_is_small() {
    database
        .get()
        .jdbi()
        .useHandle(handle -> {
          fill(handle, 3, 10);

          assertThat(BacklogStore.count(handle, 5, 16))
              .containsExactlyInAnyOrder(
                  new BacklogStore.Row(1, (short) 1, 5),
                  new BacklogStore.Row(1, (short) 2, 5),
                  new BacklogStore.Row(2, (short) 1, 5),
                  new BacklogStore.Row(2, (short) 2, 5),
                  new BacklogStore.Row(3, (short) 1, 5),
                  new BacklogStore.Row(3, (short) 2, 5));
          assertThat(BacklogStore.count(handle, 6, 15))
              .containsExactlyInAnyOrder(
                  new BacklogStore.Row(null, (short) 1, 15),
                  new BacklogStore.Row(null, (short) 2, 15));
        });
  }

  @Test
  void it_passes_over_the_queue_once() {
    database
        .get()
        .jdbi()
        .useHandle(handle -> {
          fill(handle, 500, 40);
          String plan = explain(handle);

          assertThat(plan.split(" on queue", -1)).as(plan).hasSize(2);
          long pages =
              handle
                  .createQuery("select relpages from pg_class where oid = 'queue'::regclass")
                  .mapTo(Long.class)
                  .one();
          var hit = HIT.matcher(plan);
          assertThat(hit.find()).as(plan).isTrue();
          assertThat(Long.parseLong(hit.group(1))).as(plan).isLessThan(2 * pages + 100);
        });
  }

  private static String explain(Handle handle) {
    return String.join(
        "\n",
        handle
            .createQuery("explain (analyze, buffers) " + BacklogStore.COUNT)
            .bind("perServer", 10)
            .bind("perOrigin", 10)
            .mapTo(String.class)
            .list());
  }
}
