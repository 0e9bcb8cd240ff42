// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.server.db.ArraysInJdbi;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.DatabaseExtension;
import dev.rollcall.testkit.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Many writers with the same rows in different orders: results with leases, cancels, deadline
 * sweeps, renewals, removals and ends of commands, each in a transaction as the product has it, but
 * not tried again. Results are also reported under leases that are not given yet.
 */
final class DeadlockStormDbTest {
  private static final int WRITERS = 8;
  private static final int SERVERS = 12;
  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("rollcall.storm.seconds", 5));
  private static final Executor THREADS =
      task -> Thread.ofPlatform().name("rollcall-storm").daemon().start(task);

  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  @Test
  void writers_with_the_same_rows_in_different_orders_never_deadlock() {
    long seed = Long.getLong("rollcall.storm.seed", new Random().nextLong());
    var queue = new QueueFixture(database.get());
    Jdbi jdbi = database.get().jdbi();
    ArraysInJdbi.register(jdbi);
    List<QueuedCommand> commands = Collections.synchronizedList(new ArrayList<>());
    int[] servers = IntStream.rangeClosed(1, SERVERS).toArray();
    jdbi.useHandle(handle -> {
      handle.execute("alter database \"" + name(handle) + "\" set deadlock_timeout = '20ms'");
      for (int i = 0; i < 10; i++) {
        commands.add(queue.submit(handle, options(i), servers));
      }
    });

    // With the product's settings: the order in which a statement meets rows is that of its plan.
    var address = new DatabaseAddress(database.get().jdbcUrl(), null, null);
    Map<String, Integer> outcomes = new TreeMap<>();
    try (Pool pool = Pool.open(address, Pool.Purpose.SUBMIT, WRITERS)) {
      storm(pool, queue, commands, seed).forEach((k, n) -> outcomes.merge(k, n, Integer::sum));
    }

    assertThat(outcomes.keySet()).as("seed %s: %s", seed, outcomes).containsExactly("done");
    assertThat(outcomes.get("done")).isGreaterThan(WRITERS * 10);
    jdbi.useHandle(handle -> assertThat(ModelSnapshot.violations(handle)).isEmpty());
  }

  private static Map<String, Integer> storm(
      Pool pool, QueueFixture queue, List<QueuedCommand> commands, long seed) {
    long end = System.nanoTime() + LENGTH.toNanos();
    List<CompletableFuture<Map<String, Integer>>> writers =
        IntStream.range(0, WRITERS)
            .mapToObj(i ->
                CompletableFuture.supplyAsync(
                    () -> new Writer(queue, commands, new Random(seed + i), end).run(pool),
                    THREADS))
            .toList();
    Map<String, Integer> outcomes = new TreeMap<>();
    writers.forEach(w -> w.join().forEach((k, n) -> outcomes.merge(k, n, Integer::sum)));
    return outcomes;
  }

  /** The storm's means would show a deadlock. */
  @Test
  void two_rows_locked_in_opposite_orders_are_seen_as_a_deadlock() {
    var queue = new QueueFixture(database.get());
    try (Session one = database.get().session();
        Session other = database.get().session()) {
      one.run(h -> queue.submit(h, Options.DEFAULT, 1, 2));
      one.begin();
      other.begin();
      one.run(h -> lock(h, 1));
      other.run(h -> lock(h, 2));
      Future<Integer> waits = one.start(h -> lock(h, 2));
      one.awaitBlocked(waits);
      assertThatThrownBy(
              () -> {
                other.run(h -> lock(h, 1));
                Session.result(waits);
              })
          .satisfies(thrown -> assertThat(sqlState(thrown)).isEqualTo("40P01"));
    }
  }

  private static int lock(Handle handle, int server) {
    return handle.execute("update queue set visible_at = now() where server_id = ?", server);
  }

  private static String name(Handle handle) {
    return handle.select("select current_database()").mapTo(String.class).one();
  }

  private static Options options(int i) {
    return Options.DEFAULT.key(i % 3).lane(i % 3).attempts(100).lease(1 + i % 2);
  }

  private static String sqlState(Throwable thrown) {
    SQLException sql = sqlException(thrown);
    return sql == null ? thrown.toString() : String.valueOf(sql.getSQLState());
  }

  /** What the database says of it: of a deadlock, who met where. */
  private static String told(Throwable thrown) {
    SQLException sql = sqlException(thrown);
    return sql == null ? thrown.toString() : sql.getSQLState() + " " + sql.getMessage();
  }

  private static @Nullable SQLException sqlException(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql) {
        return sql;
      }
    }
    return null;
  }

  /** Does one random thing after the other; confined to its thread. */
  private static final class Writer {
    private final QueueFixture queue;
    private final List<QueuedCommand> commands;
    private final Random random;
    private final long end;
    private final Map<String, Integer> outcomes = new TreeMap<>();

    Writer(QueueFixture queue, List<QueuedCommand> commands, Random random, long end) {
      this.queue = queue;
      this.commands = commands;
      this.random = random;
      this.end = end;
    }

    Map<String, Integer> run(Pool pool) {
      while (System.nanoTime() < end) {
        try {
          outcomes.merge(pool.withHandle(h -> h.inTransaction(this::stepped)), 1, Integer::sum);
        } catch (ExchangeBatch.PicksChangedException e) {
          outcomes.merge("done", 1, Integer::sum); // rolled back: the product would do it again
        } catch (RuntimeException e) {
          outcomes.merge(told(e), 1, Integer::sum);
        }
      }
      return outcomes;
    }

    private String stepped(Handle handle) {
      step(handle);
      return "done";
    }

    private void step(Handle handle) {
      QueuedCommand command = commands.get(random.nextInt(commands.size()));
      switch (random.nextInt(12)) {
        case 0 -> sweep(handle, command, false);
        case 1 -> sweep(handle, command, random.nextInt(4) == 0);
        case 2 -> renew(handle);
        case 3 -> remove(handle);
        case 4 -> CommandStore.complete(handle, seqs());
        case 5, 6 ->
            commands.add(
                queue.submit(
                    handle,
                    options(random.nextInt(10)),
                    servers().stream().limit(8).mapToInt(i -> i).toArray()));
        default -> exchange(handle);
      }
    }

    private List<Integer> servers() {
      List<Integer> servers = new ArrayList<>(IntStream.rangeClosed(1, SERVERS).boxed().toList());
      Collections.shuffle(servers, random);
      return servers;
    }

    private List<QueuedCommand> some() {
      List<QueuedCommand> last = new ArrayList<>(commands);
      last = last.subList(Math.max(0, last.size() - 12), last.size());
      Collections.shuffle(last, random);
      return last;
    }

    private List<Long> seqs() {
      return some().stream().map(QueuedCommand::seq).toList();
    }

    private void exchange(Handle handle) {
      List<Exchange.Request> requests = new ArrayList<>();
      for (int server : servers().subList(0, 8)) {
        List<ReportedResult> results = new ArrayList<>();
        for (QueuedCommand command : some().subList(0, 6)) {
          Outcome outcome = random.nextInt(3) == 0 ? Outcome.SUCCEEDED : Outcome.RELEASED;
          results.add(QueueFixture.result(server, command, 1 + random.nextInt(4), outcome));
        }
        requests.add(new Exchange.Request(QueueFixture.server(server), results, 4, 0));
      }
      boolean fronts = random.nextBoolean();
      var _ =
          new ExchangeBatch(
                  handle,
                  QueueFixture.CELL,
                  queue.index(),
                  requests,
                  HoldSet.NONE,
                  Floors.Era.unknown(),
                  fronts)
              .run(_ -> {});
    }

    private void sweep(Handle handle, QueuedCommand command, boolean cancel) {
      List<EndStore.Swept> swept =
          EndStore.sweepFree(
                  handle,
                  QueueFixture.CELL,
                  command,
                  (short) 1,
                  servers().stream().mapToInt(i -> i).toArray(),
                  cancel)
              .rows();
      var deltas = new RollupStore.Deltas();
      for (EndStore.Swept row : swept) {
        if (row.ends() != null) {
          deltas.add(command.seq(), (short) 1, row.ends());
        }
      }
      count(handle, deltas);
    }

    private void renew(Handle handle) {
      List<Renewal> renewals = new ArrayList<>();
      for (int server : servers()) {
        some()
            .subList(0, 6)
            .forEach(command ->
                renewals.add(
                    new Renewal(QueueFixture.server(server), command, 1 + random.nextInt(3), 2)));
      }
      var _ = EndStore.renew(handle, QueueFixture.CELL, renewals);
    }

    private void remove(Handle handle) {
      var deltas = new RollupStore.Deltas();
      EndStore.remove(
              handle,
              new EndStore.Removal(
                  QueueFixture.server(1 + random.nextInt(SERVERS)),
                  null,
                  null,
                  EndState.CANCELLED,
                  "server-removed",
                  3))
          .seqs()
          .forEach(seq -> deltas.add(seq, (short) 1, EndState.CANCELLED));
      count(handle, deltas);
    }

    private static void count(Handle handle, RollupStore.Deltas deltas) {
      if (!deltas.isEmpty()) {
        RollupStore.count(handle, QueueFixture.CELL, deltas);
      }
    }
  }
}
