// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.PlanLog.Explained;
import dev.rollcall.testkit.DatabaseExtension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the statements touch. Each step of the queue runs over 100, 1,000 and 10,000 rows, with
 * plans prepared while the tables were empty and statistics that are missing, or wrong: the pages
 * touched must grow with the rows and no faster, and nothing may be scanned.
 */
final class QueuePlanDbTest {
  /** Executions of one server in a batch. */
  private static final int EACH = 10;

  /** Pages a row may cost in any step; measured: 8 to 16, of which a partition's index is most. */
  private static final double MOST_PAGES_PER_ROW = 30;

  /** An index may get a level more from one size to the next; ten times the pages is a scan. */
  private static final double MOST_GROWTH = 3;

  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  @ParameterizedTest(name = "{0} statistics")
  @EnumSource
  void pages_grow_with_the_rows_and_no_faster(Statistics statistics) {
    var queue = new QueueFixture(database.get());
    try (Pool pool = pool(Pool.Purpose.EDGE)) {
      var bench = new Bench(queue, pool);
      bench.run(10); // prepares every statement while there is nothing
      statistics.install(database.get());
      Map<String, List<Double>> perRow = new TreeMap<>();
      for (int rows : new int[] {100, 1_000, 10_000}) {
        bench
            .run(rows)
            .forEach((step, pages) ->
                perRow.computeIfAbsent(step, s -> new ArrayList<>()).add((double) pages / rows));
        assertThat(bench.bad).as("%s rows", rows).isEmpty();
      }

      assertThat(perRow).hasSize(8);
      perRow.forEach((step, pages) -> {
        String what = step + ": pages per row " + pages;
        assertThat(pages.get(2)).as(what).isLessThan(MOST_PAGES_PER_ROW);
        assertThat(pages.get(2)).as(what).isLessThan(MOST_GROWTH * pages.get(1) + 1);
        assertThat(pages.get(1)).as(what).isLessThan(MOST_GROWTH * pages.get(0) + 1);
      });
    }
  }

  /** The counter-test: without the pins the same steps scan. */
  @Test
  void a_plan_that_scans_is_noticed() {
    var queue = new QueueFixture(database.get());
    try (Pool pool = pool(Pool.Purpose.EDGE)) {
      pool.withHandle(handle -> {
        handle.execute("set enable_seqscan = on");
        handle.execute("set enable_indexscan = off");
        return handle.execute("set enable_indexonlyscan = off");
      });
      var bench = new Bench(queue, pool);

      bench.run(100);

      assertThat(bench.bad).anyMatch(bad -> bad.contains("Seq Scan on all of queue"));
    }
  }

  /** Every step of the queue over so many rows, in a session of its own. */
  private static final class Bench {
    private final QueueFixture queue;
    private final Pool pool;
    private final Set<String> bad = new TreeSet<>();
    private final Map<String, Long> pages = new TreeMap<>();

    Bench(QueueFixture queue, Pool pool) {
      this.queue = queue;
      this.pool = pool;
    }

    Map<String, Long> run(int rows) {
      pages.clear();
      return pool.withHandle(handle -> {
        PlanLog log = PlanLog.on(handle);
        steps(handle, log, rows);
        handle.execute("delete from queue where server_id > 0");
        return new TreeMap<>(pages);
      });
    }

    private void step(String name, Handle handle, PlanLog log, Runnable work) {
      List<Explained> before = log.take(handle);
      assertThat(before).isNotNull();
      work.run();
      List<Explained> plans = log.take(handle);
      assertThat(plans).as("%s was explained", name).isNotEmpty();
      for (Explained plan : plans) {
        pages.merge(name, plan.pages(), Long::sum);
        plan.bad().forEach(node -> bad.add(name + ": " + node));
      }
    }

    private void steps(Handle handle, PlanLog log, int rows) {
      int servers = rows / EACH;
      int[] ids = IntStream.rangeClosed(1, servers).toArray();
      List<QueuedCommand> commands = new ArrayList<>();
      int each = Math.min(servers, EACH);
      for (int i = 0; i < rows / each; i++) {
        int from = i * each % servers;
        int[] own = Arrays.copyOfRange(ids, from, Math.min(from + each, servers));
        commands.add(command(handle, own));
      }
      step("1 fan-out", handle, log, () -> fanOut(handle, commands, ids, each));
      List<Exchange.Lease> leases = new ArrayList<>();
      List<Integer> holders = new ArrayList<>();
      step(
          "2 lease",
          handle,
          log,
          () -> {
            List<Exchange.Answer> answers = exchange(handle, requests(ids, List.of(), EACH));
            for (int i = 0; i < ids.length; i++) {
              for (Exchange.Lease lease : answers.get(i).leases()) {
                leases.add(lease);
                holders.add(ids[i]);
              }
            }
          });
      assertThat(leases).hasSize(rows);
      step("3 renew", handle, log, () -> renew(handle, leases, holders));
      List<ReportedResult> results = results(leases, holders, leases.size() / 2);
      step("4 settle", handle, log, () -> settle(handle, ids, results, Verdict.ACCEPTED));
      step("5 verdicts", handle, log, () -> settle(handle, ids, results, Verdict.DUPLICATE));
      handle.execute(
          "update queue set attempt = 5, visible_at = now() - interval '1 s' where server_id > 0");
      step(
          "6 end over",
          handle,
          log,
          () -> assertThat(exchange(handle, requests(ids, List.of(), EACH))).hasSize(ids.length));
      assertThat(
              handle
                  .select("select count(*) from queue where server_id > 0")
                  .mapTo(Integer.class)
                  .one())
          .isZero();
      step(
          "7 complete",
          handle,
          log,
          () ->
              handle.useTransaction(h ->
                  assertThat(
                          CommandStore.complete(
                              h, commands.stream().map(QueuedCommand::seq).toList()))
                      .hasSize(commands.size())));
      sweep(handle, log, rows);
    }

    private void sweep(Handle handle, PlanLog log, int rows) {
      int[] many = IntStream.rangeClosed(1, rows).toArray();
      QueuedCommand big = command(handle, many);
      handle.useTransaction(h -> FanOut.enqueue(h, List.of(enqueued(big, many))));
      step(
          "8 sweep",
          handle,
          log,
          () ->
              handle.useTransaction(h ->
                  assertThat(EndStore.sweep(h, QueueFixture.CELL, big, (short) 1, many, true))
                      .hasSize(rows)));
    }

    private QueuedCommand command(Handle handle, int[] servers) {
      return queue.command(handle, QueueFixture.Options.DEFAULT.key(0), servers.length);
    }

    private static Enqueued enqueued(QueuedCommand command, int[] servers) {
      return new Enqueued(
          command.seq(),
          command.track(),
          List.of(new Enqueued.Part(QueueFixture.CELL, (short) 1, servers, servers, List.of())),
          true);
    }

    private void fanOut(Handle handle, List<QueuedCommand> commands, int[] ids, int each) {
      List<Enqueued> all = new ArrayList<>();
      for (int i = 0; i < commands.size(); i++) {
        int from = i * each % ids.length;
        int[] own = Arrays.copyOfRange(ids, from, Math.min(from + each, ids.length));
        all.add(enqueued(commands.get(i), own));
      }
      handle.useTransaction(h -> FanOut.enqueue(h, all));
    }

    private List<Exchange.Answer> exchange(Handle handle, List<Exchange.Request> requests) {
      return handle.inTransaction(h ->
          new ExchangeBatch(
                  h,
                  QueueFixture.CELL,
                  queue.index(),
                  requests,
                  HoldSet.NONE,
                  knownTo(requests),
                  false)
              .run(_ -> {}));
    }

    /** As a node that has met these servers before knows them. */
    private static Floors.Era knownTo(List<Exchange.Request> requests) {
      Candidate first = new Candidate(Track.of(1, 1), 1, 0, 0, false, 0, false);
      Tracks met = Tracks.UNKNOWN.after(1, List.of(first));
      Floors.Era era = Floors.Era.unknown();
      requests.forEach(request -> era.learn(request.server().id(), met));
      return era;
    }

    private static List<Exchange.Request> requests(
        int[] ids, List<ReportedResult> results, int want) {
      Map<Integer, List<ReportedResult>> own = new TreeMap<>();
      for (int id : ids) {
        own.put(id, new ArrayList<>());
      }
      results.forEach(result -> own.getOrDefault(result.server().id(), List.of()).add(result));
      return own.entrySet().stream()
          .map(e -> new Exchange.Request(QueueFixture.server(e.getKey()), e.getValue(), want, 0))
          .toList();
    }

    private void settle(Handle handle, int[] ids, List<ReportedResult> results, Verdict expected) {
      List<Exchange.Answer> answers = exchange(handle, requests(ids, results, Exchange.NOTHING));
      assertThat(answers.stream().flatMap(answer -> answer.verdicts().stream()))
          .hasSize(results.size())
          .containsOnly(expected);
    }

    private static void renew(Handle handle, List<Exchange.Lease> leases, List<Integer> holders) {
      List<Renewal> renewals = new ArrayList<>();
      for (int i = 0; i < leases.size(); i++) {
        renewals.add(
            new Renewal(QueueFixture.server(holders.get(i)), leases.get(i).command(), 1, 60));
      }
      handle.useTransaction(
          h -> assertThat(EndStore.renew(h, QueueFixture.CELL, renewals)).hasSize(leases.size()));
    }

    private static List<ReportedResult> results(
        List<Exchange.Lease> leases, List<Integer> holders, int many) {
      List<ReportedResult> results = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        results.add(
            QueueFixture.result(holders.get(i), leases.get(i).command(), 1, Outcome.SUCCEEDED));
      }
      return results;
    }
  }

  private Pool pool(Pool.Purpose purpose) {
    return Pool.open(new DatabaseAddress(database.get().jdbcUrl(), null, null), purpose, 1);
  }
}
