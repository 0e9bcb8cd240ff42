// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import static org.awaitility.Awaitility.await;

import dev.rollcall.server.db.ArraysInJdbi;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.Completion;
import dev.rollcall.server.queue.Ends;
import dev.rollcall.server.queue.Exchange;
import dev.rollcall.server.queue.LapseTimer;
import dev.rollcall.server.queue.QueueListener;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.testkit.DatabaseExtension;
import dev.rollcall.testkit.Session;
import dev.rollcall.testkit.TestDatabase;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Two server processes on one database, as far as the life of commands is concerned; nothing of
 * them runs by itself. A gate, which is a third session, stops them where the test wants.
 */
final class TwoNodes implements BeforeEachCallback, AfterEachCallback {
  static final int SERVERS = 2;

  private static final Executor THREADS =
      task -> Thread.ofPlatform().name("rollcall-step").daemon().start(task);

  private final DatabaseExtension database = new DatabaseExtension();
  private final Metrics metrics = new Metrics();
  private final List<Long> toldQueued = new CopyOnWriteArrayList<>();
  private final List<Long> toldCompleted = new CopyOnWriteArrayList<>();
  private @Nullable Session gate;
  private @Nullable Node one;
  private @Nullable Node other;

  /** What one process does. */
  static final class Node implements AutoCloseable {
    private final Pool pool;
    private final RegistryService registry;
    private final Completion completion;
    private final Cancels cancels;
    private final CommandUpkeep upkeep;

    private Node(TestDatabase database, Metrics metrics, QueueListener listener) {
      var address = new DatabaseAddress(database.jdbcUrl(), null, null);
      pool = Pool.open(address, Pool.Purpose.UPKEEP, 3);
      registry = new RegistryService(pool, pool);
      completion = new Completion(pool, metrics, String::valueOf, listener);
      var ends = new Ends(pool, completion, listener);
      cancels =
          new Cancels(pool, ends, completion, new LapseTimer((server, command) -> {}), () -> {});
      upkeep =
          new CommandUpkeep(
              pool,
              cancels,
              ends,
              completion,
              new ExposureSweep(pool, ends, registry),
              registry,
              listener);
    }

    /** A round of upkeep. */
    void round() {
      upkeep.round(() -> true);
    }

    void cancel(UUID id) {
      cancels.cancel(id);
    }

    /** Ends those of these commands of which all has ended. */
    void finish(Long... seqs) {
      completion.finish(List.of(seqs));
    }

    @Override
    public void close() {
      registry.close();
      pool.close();
    }
  }

  private final class Told implements QueueListener {
    @Override
    public void wake(Collection<Integer> serverIds) {}

    @Override
    public void queued(Collection<Long> seqs) {
      toldQueued.addAll(seqs);
    }

    @Override
    public void cancelled(int serverId, Exchange.Held lease) {}

    @Override
    public void missed(Collection<Integer> serverIds) {}

    @Override
    public void completed(Collection<Long> seqs) {
      toldCompleted.addAll(seqs);
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    database.beforeEach(context);
    ArraysInJdbi.register(database.get().jdbi());
    gate = database.get().session();
    gate().run(TwoNodes::prepare);
    one = new Node(database.get(), metrics, new Told());
    other = new Node(database.get(), metrics, new Told());
  }

  private static void prepare(Handle handle) {
    handle.execute("select make_result_partition(current_date + d) from generate_series(-1, 1) d");
    handle.execute("insert into participant (name, delivery, scope) values ('p', 'poll', 'all')");
    handle.execute(
        "insert into server (participant_id, name) select 1, 's' || n from generate_series(1, ?) n",
        SERVERS);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    try {
      gate().close();
      one().close();
      other().close();
      metrics.close();
    } finally {
      database.afterEach(context);
    }
  }

  Node one() {
    return Objects.requireNonNull(one);
  }

  Node other() {
    return Objects.requireNonNull(other);
  }

  Session gate() {
    return Objects.requireNonNull(gate);
  }

  /** Which commands a node was told to have entered the queue, each time. */
  List<Long> toldQueued() {
    return toldQueued;
  }

  /** Which commands a node was told to have ended, each time. */
  List<Long> toldCompleted() {
    return toldCompleted;
  }

  /** Starts a step of a node and does not wait for it. */
  Future<?> start(Runnable step) {
    return CompletableFuture.runAsync(step, THREADS);
  }

  /** Returns once so many of the nodes' sessions wait for another one's lock. */
  void awaitWaiting(int sessions) {
    await("so many wait for a lock: " + sessions).until(() -> waiting() == sessions);
  }

  private int waiting() {
    return database
        .get()
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select count(*) from pg_stat_activity where datname = current_database()"
                        + " and application_name = 'rollcall-upkeep' and wait_event_type = 'Lock'")
                .mapTo(Integer.class)
                .one());
  }
}
