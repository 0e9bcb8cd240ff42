// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.edge.SettlingRounds;
import dev.rollcall.server.queue.ModelEnds.Item;
import dev.rollcall.server.queue.ModelState.Place;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Two nodes on one database, whose clock the test moves, and the model beside them. Each deed is
 * done by the product, then by the model, and then both must hold the same.
 */
final class ModelWorld implements AutoCloseable {
  private static final Executor THREADS =
      task -> Thread.ofPlatform().name("rollcall-race").daemon().start(task);

  private final FrozenClock clock;
  private final TestDatabase database;
  private final Metrics metrics = new Metrics();
  private final Pool submitPool;
  private final Pool edgePool;
  private final Pool upkeepPool;
  private final Node[] nodes = new Node[2];
  private QueueFixture fixture;
  private QueueModel model;

  ModelWorld(TestDatabase database) {
    this.database = database;
    fixture = new QueueFixture(database);
    clock = FrozenClock.install(database);
    submitPool = clock.pool(Pool.Purpose.SUBMIT, 3);
    edgePool = clock.pool(Pool.Purpose.EDGE, 6);
    upkeepPool = clock.pool(Pool.Purpose.UPKEEP, 4);
    model = new QueueModel(submitPool.withHandle(FrozenClock::micros));
    restart(0);
    restart(1);
  }

  /** A server process, as far as the queue is concerned; nothing of it runs by itself. */
  private final class Node implements AutoCloseable {
    private final CommandIndex index = new CommandIndex();
    private final Completion completion =
        new Completion(upkeepPool, metrics, String::valueOf, QueueFixture.NOBODY);
    private final Floors floors = new Floors(upkeepPool);
    private final LapseTimer timer = new LapseTimer((server, command) -> {});
    private final EdgeQueue queue =
        new EdgeQueue(
            edgePool,
            index,
            completion,
            timer,
            QueueFixture.NOBODY,
            new HoldBoard(upkeepPool, QueueFixture.NOBODY),
            floors,
            metrics);
    private final Ends ends = new Ends(upkeepPool, completion, QueueFixture.NOBODY);

    @Override
    public void close() {
      queue.close();
    }
  }

  /** What holds of the model once something was seen; {@code open}: what the queue holds. */
  @FunctionalInterface
  interface Seen {
    void hold(QueueModel model, Set<Place> open);
  }

  /** Something that is done to the queue. */
  record Deed(String what, Supplier<Seen> run) {}

  QueueModel model() {
    return model;
  }

  /** A node is killed and started again: all it remembered is gone. */
  void restart(int node) {
    Node old = nodes[node];
    if (old != null) {
      old.close();
    }
    nodes[node] = new Node();
    nodes[node].queue.start();
  }

  /** Everything anew. */
  void reset() {
    submitPool.inTransaction(handle -> {
      handle.execute(
          "truncate queue, rollup, command, command_target, execution_result, attempt_log");
      handle.execute("update frozen.clock set at = date_trunc('second', pg_catalog.now())");
      return handle.execute("alter sequence command_seq restart");
    });
    fixture = new QueueFixture(database);
    restart(0);
    restart(1);
    model = new QueueModel(submitPool.withHandle(FrozenClock::micros));
  }

  void move(long micros) {
    submitPool.inTransaction(handle -> FrozenClock.move(handle, micros));
    model.move(micros);
  }

  /** Does one thing and holds everything against the model. */
  void run(Deed deed) {
    Seen seen = deed.run().get();
    Held held = held();
    seen.hold(model.alone(), held.open());
    compare(model, held);
  }

  /** Does two things at once: what was seen must be right for one of the two orders. */
  void race(Deed one, Deed other) {
    CompletableFuture<Seen> first = CompletableFuture.supplyAsync(one.run(), THREADS);
    CompletableFuture<Seen> second = CompletableFuture.supplyAsync(other.run(), THREADS);
    List<Seen> order = List.of(first.join(), second.join());
    Held held = held();
    AssertionError wrong = inOrder(order, held);
    if (wrong != null) {
      AssertionError wrongToo = inOrder(order.reversed(), held);
      if (wrongToo != null) {
        throw new AssertionError(
            "right in neither order:\n  " + wrong.getMessage() + "\n  " + wrongToo.getMessage());
      }
    }
  }

  private @Nullable AssertionError inOrder(List<Seen> order, Held held) {
    var trial = new QueueModel(model).crowded();
    try {
      order.forEach(seen -> seen.hold(trial, held.open()));
      compare(trial, held);
    } catch (AssertionError e) {
      return e;
    }
    model = trial;
    return null;
  }

  private record Held(List<String> lines, Set<Place> open, List<String> violations) {}

  private Held held() {
    return submitPool.withHandle(ModelWorld::held);
  }

  private static Held held(Handle handle) {
    return new Held(
        ModelSnapshot.of(handle), ModelSnapshot.open(handle), ModelSnapshot.violations(handle));
  }

  private static void compare(QueueModel model, Held held) {
    ModelState.check(held.violations().isEmpty(), "%s", held.violations());
    List<String> expected = ModelSnapshot.of(model.state());
    if (!held.lines().equals(expected)) {
      List<String> missing = new ArrayList<>(expected);
      missing.removeAll(held.lines());
      List<String> surplus = new ArrayList<>(held.lines());
      surplus.removeAll(expected);
      throw new AssertionError("the database holds " + surplus + ", the model " + missing);
    }
  }

  Deed submit(QueueFixture.Options options, int... servers) {
    return new Deed(
        "submit " + options + " to " + java.util.Arrays.toString(servers),
        () -> {
          QueuedCommand command =
              submitPool.withHandle(handle -> fixture.submit(handle, options, servers));
          return (model, open) -> model.submitted(command, servers);
        });
  }

  Deed poll(int node, int server, List<Item> items, int want, int handed) {
    return new Deed(
        "node %s: server %s reports %s, wants %s (handed %s)"
            .formatted(node, server, items, want, handed),
        () -> {
          nodes[node].floors.look();
          var last = new Exchange.Answer[1];
          List<Verdict> verdicts =
              SettlingRounds.run(
                  QueueFixture.server(server),
                  items.stream().map(ModelWorld::wire).toList(),
                  commands(items),
                  () -> 0,
                  (round, isLast) -> {
                    List<dev.rollcall.server.queue.ReportedResult> timed =
                        round.stream().map(result -> withJitter(result, items)).toList();
                    last[0] =
                        nodes[node].queue.exchange(
                            new Exchange.Request(
                                QueueFixture.server(server),
                                timed,
                                isLast ? want : Exchange.NOTHING,
                                handed));
                    return last[0].verdicts();
                  });
          return (model, open) ->
              model.polled(server, items, want, handed, verdicts, last[0], open);
        });
  }

  private static ResultItem wire(Item item) {
    return new ResultItem(
        item.command().id().toString(),
        item.lease(),
        item.outcome().wire(),
        "code",
        null,
        1L,
        null,
        null,
        item.retry());
  }

  private static Map<UUID, QueuedCommand> commands(List<Item> items) {
    Map<UUID, QueuedCommand> commands = new HashMap<>();
    items.forEach(item -> commands.put(item.command().id(), item.command()));
    return commands;
  }

  /** The pause before a retry is random in the product; here the step says how long it is. */
  private static ReportedResult withJitter(ReportedResult result, List<Item> items) {
    double jitter =
        items.stream()
            .filter(item ->
                item.command().seq() == result.command().seq() && item.lease() == result.lease())
            .findFirst()
            .orElseThrow()
            .jitter();
    return new ReportedResult(
        result.server(),
        result.command(),
        result.lease(),
        result.outcome(),
        result.retry(),
        jitter,
        result.code(),
        result.message(),
        result.objects(),
        result.data());
  }

  /** A poll whose transaction is lost: nothing has happened. */
  Deed lost(int server, List<Item> items, int want) {
    return new Deed(
        "server %s reports %s, wants %s, and all is rolled back".formatted(server, items, want),
        () -> {
          List<ReportedResult> results =
              items.stream()
                  .map(item ->
                      QueueFixture.result(server, item.command(), item.lease(), item.outcome()))
                  .toList();
          submitPool.withHandle(handle -> {
            handle.begin();
            var _ =
                fixture.exchange(
                    handle, new Exchange.Request(QueueFixture.server(server), results, want, 0));
            return handle.rollback();
          });
          return (model, open) -> {};
        });
  }

  Deed renew(int node, int server, List<Renewal> renewals) {
    return new Deed(
        "node %s: server %s renews %s".formatted(node, server, renewals),
        () -> {
          List<EdgeQueue.Renewed> answers = nodes[node].queue.renew(QueueFixture.CELL, renewals);
          return (model, open) -> model.renewed(server, renewals, answers);
        });
  }

  /** Only that cancel was asked for; what follows is a sweep. */
  Deed askCancel(QueuedCommand command) {
    return new Deed(
        "cancel asked for " + command,
        () -> {
          submitPool.inTransaction(handle ->
              handle.execute(
                  "update command set cancel_requested_at = coalesce(cancel_requested_at, now())"
                      + " where seq = ?",
                  command.seq()));
          return (model, open) -> model.cancelAsked(command);
        });
  }

  Deed sweep(int node, QueuedCommand command, boolean cancel, int... servers) {
    return new Deed(
        "node %s: %s %s".formatted(node, cancel ? "cancel sweeps" : "upkeep sweeps", command),
        () -> {
          var part = new Ends.Part(QueueFixture.CELL, (short) 1, servers);
          Ends.Walk walk = nodes[node].ends.sweep(command, List.of(part), cancel, null);
          return (model, open) -> model.swept(command, cancel, walk);
        });
  }

  Deed remove(int node, int server) {
    return new Deed(
        "node %s: server %s is removed".formatted(node, server),
        () -> {
          int ended =
              nodes[node].ends.remove(
                  QueueFixture.server(server), null, null, EndState.CANCELLED, "server-removed");
          return (model, open) -> model.removed(server, ended);
        });
  }

  Deed finish(int node, List<QueuedCommand> commands) {
    return new Deed(
        "node %s: looks whether %s have ended".formatted(node, commands),
        () -> {
          nodes[node].completion.finish(commands.stream().map(QueuedCommand::seq).toList());
          return (model, open) -> model.finished(commands);
        });
  }

  @Override
  public void close() {
    for (Node node : nodes) {
      node.close();
    }
    submitPool.close();
    edgePool.close();
    upkeepPool.close();
  }
}
