// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.PlanLog.Explained;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.DatabaseExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the ends touch that the server decides: cancels and deadlines of a command, the removal of a
 * server or of some commands from it, ends by force, what servers missed. As {@link
 * QueuePlanDbTest}, with the plans that were made while there was nothing.
 */
final class EndPlanDbTest {
  private static final double MOST_PAGES_PER_ROW = 30;
  private static final double MOST_GROWTH = 3;

  private static final int REMOVED = 100_000;

  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private final Set<String> bad = new TreeSet<>();
  private final Map<String, Long> pages = new TreeMap<>();

  @ParameterizedTest(name = "{0} statistics")
  @EnumSource
  void pages_grow_with_the_rows_and_no_faster(Statistics statistics) {
    var queue = new QueueFixture(database.get());
    try (Pool pool = pool()) {
      run(pool, queue, 10); // prepares every statement while there is nothing
      statistics.install(database.get());
      Map<String, List<Double>> perRow = new TreeMap<>();
      for (int rows : new int[] {100, 1_000, 10_000}) {
        run(pool, queue, rows);
        pages.forEach((step, all) ->
            perRow.computeIfAbsent(step, s -> new ArrayList<>()).add((double) all / rows));
        assertThat(bad).as("%s rows", rows).isEmpty();
      }

      assertThat(perRow).hasSize(6);
      perRow.forEach((step, ofRow) -> {
        String what = step + ": pages per row " + ofRow;
        assertThat(ofRow.get(2)).as(what).isLessThan(MOST_PAGES_PER_ROW);
        assertThat(ofRow.get(2)).as(what).isLessThan(MOST_GROWTH * ofRow.get(1) + 1);
        assertThat(ofRow.get(1)).as(what).isLessThan(MOST_GROWTH * ofRow.get(0) + 1);
      });
    }
  }

  private void run(Pool pool, QueueFixture queue, int rows) {
    pages.clear();
    pool.withHandle(handle -> {
      PlanLog log = PlanLog.on(handle);
      sweeps(handle, log, queue, rows);
      removals(handle, log, rows);
      int[] servers = IntStream.rangeClosed(1, rows).toArray();
      long[] seqs = LongStream.of(places(handle, rows)).toArray();
      step(
          "5 misses",
          handle,
          log,
          () -> ResyncStore.miss(handle, QueueFixture.CELL, servers, seqs, servers));
      forcedEnd(handle, log, queue, rows);
      return handle.execute("delete from queue where server_id > 0");
    });
  }

  private void step(String name, Handle handle, PlanLog log, Runnable work) {
    List<Explained> before = log.take(handle);
    assertThat(before).isNotNull();
    handle.useTransaction(h -> work.run());
    List<Explained> plans = log.take(handle);
    assertThat(plans).as("%s was explained", name).isNotEmpty();
    for (Explained plan : plans) {
      pages.merge(name, plan.pages(), Long::sum);
      plan.bad().forEach(node -> bad.add(name + ": " + node + " in " + plan.text()));
    }
  }

  /** Every other server of the target has nothing in the queue any more. */
  private void sweeps(Handle handle, PlanLog log, QueueFixture queue, int rows) {
    int[] there = IntStream.rangeClosed(1, rows).map(i -> 2 * i).toArray();
    int[] target = IntStream.rangeClosed(1, 2 * rows).toArray();
    QueuedCommand command = queue.submit(handle, Options.DEFAULT.key(0), there);
    step(
        "1 sweep that ends nothing",
        handle,
        log,
        () ->
            assertThat(sweep(handle, command, target, false))
                .hasSize(rows)
                .allMatch(row -> row.ends() == null));
    step(
        "2 sweep of a cancel",
        handle,
        log,
        () ->
            assertThat(sweep(handle, command, target, true))
                .hasSize(rows)
                .allMatch(row -> row.ends() == EndState.CANCELLED));
  }

  private static List<EndStore.Swept> sweep(
      Handle handle, QueuedCommand command, int[] servers, boolean cancel) {
    return EndStore.sweepFree(handle, QueueFixture.CELL, command, (short) 1, servers, cancel)
        .rows();
  }

  private void removals(Handle handle, PlanLog log, int rows) {
    backlog(handle, rows);
    long[] some = backlog(handle, rows);
    step("3 removal of some", handle, log, () -> assertThat(remove(handle, some)).hasSize(rows));
    step("4 removal", handle, log, () -> assertThat(remove(handle, null)).hasSize(rows));
  }

  private static List<Long> remove(Handle handle, long @Nullable [] seqs) {
    return EndStore.remove(
            handle,
            new EndStore.Removal(
                QueueFixture.server(1), null, seqs, EndState.REJECTED, "exposure", REMOVED))
        .seqs();
  }

  /** So many executions at the first server, of commands of which nothing else is there. */
  private static long[] backlog(Handle handle, int rows) {
    long[] seqs = places(handle, rows);
    handle
        .createUpdate(
            "insert into queue (seq, server_id, cell, track) select seq, 1, 0, 8193 from"
                + " unnest(:seqs::bigint[]) seq")
        .bind("seqs", seqs)
        .execute();
    return seqs;
  }

  private static long[] places(Handle handle, int rows) {
    long first = FanOut.takePlaces(handle, rows);
    return LongStream.range(first, first + rows).toArray();
  }

  /** One end, however much is queued. */
  private void forcedEnd(Handle handle, PlanLog log, QueueFixture queue, int rows) {
    backlog(handle, rows);
    QueuedCommand command = queue.submit(handle, Options.DEFAULT.key(0), 1);
    step(
        "6 forced end",
        handle,
        log,
        () ->
            assertThat(ForcedEndStore.end(handle, QueueFixture.server(1), command, "why"))
                .isPresent());
    assertThat(pages.get("6 forced end")).isLessThan(100);
  }

  private Pool pool() {
    return Pool.open(
        new DatabaseAddress(database.get().jdbcUrl(), null, null), Pool.Purpose.UPKEEP, 1);
  }
}
