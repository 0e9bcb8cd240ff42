// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.DatabaseErrors;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Servers that are in line together. */
final class EdgeQueueDbTest {
  private static final int HELD = 20;
  private static final int WHOLE_BATCH = 2_000;

  @RegisterExtension final TwoSessions two = new TwoSessions();

  private final Metrics metrics = new Metrics();
  private final Turns turns = new Turns(2, () -> 0);
  private Pool pool;
  private EdgeQueue queue;

  @BeforeEach
  void open() {
    pool =
        Pool.open(new DatabaseAddress(two.database().jdbcUrl(), null, null), Pool.Purpose.EDGE, 3);
    queue =
        new EdgeQueue(
            pool,
            two.queue().index(),
            new Completion(pool, metrics, String::valueOf, QueueFixture.NOBODY),
            new LapseTimer((server, command) -> {}),
            QueueFixture.NOBODY,
            new HoldBoard(pool, QueueFixture.NOBODY),
            new Floors(pool),
            metrics,
            turns);
  }

  @AfterEach
  void close() {
    queue.close();
    pool.close();
    metrics.close();
  }

  @Test
  void results_of_others_in_the_batch_neither_fail_for_it_nor_wait_for_each_of_them() {
    int[] servers = IntStream.rangeClosed(1, HELD + 1).toArray();
    QueuedCommand command = two.submit(Options.DEFAULT, servers);
    for (int server : servers) {
      assertThat(two.lease(server, 1)).hasSize(1);
    }
    two.other().begin();
    two.other()
        .run(handle ->
            handle.execute("select from queue where server_id between 1 and ? for update", HELD));
    List<FutureTask<Exchange.Answer>> reports = new ArrayList<>();
    for (int server : servers) {
      reports.add(report(server, command));
    }

    queue.start();

    FutureTask<Exchange.Answer> free = reports.removeLast();
    Awaitility.await("the one that is free")
        .atMost(HELD * 250L / 2, TimeUnit.MILLISECONDS)
        .until(free::isDone);
    assertThat(free.resultNow().verdicts()).containsExactly(Verdict.ACCEPTED);
    for (FutureTask<Exchange.Answer> held : reports) {
      assertThatThrownBy(held::get)
          .matches(thrown -> DatabaseErrors.isContention(thrown), "is worth another try");
    }
    assertThat(metrics.counter(Meter.BATCH_RETRIES, "batch", "edge").count())
        .as("they were in one batch")
        .isEqualTo(1);
    two.other().rollback();
    assertThat(two.report(command, Outcome.SUCCEEDED)).isEqualTo(Verdict.ACCEPTED);
  }

  /** Counters are shared by many; that they are held is no sign of trouble. */
  @Test
  void one_of_a_batch_that_failed_waits_for_its_counter_as_long_as_ever() throws Exception {
    QueuedCommand held = two.submit(Options.DEFAULT.key(1), 1);
    QueuedCommand counted = two.submit(Options.DEFAULT.key(2), 2);
    assertThat(two.lease(1, 1)).hasSize(1);
    assertThat(two.lease(2, 1)).hasSize(1);
    two.one().begin();
    two.one().run(handle -> handle.execute("select from queue where server_id = 1 for update"));
    two.other().begin();
    two.other()
        .run(
            handle -> handle.execute("select from rollup where seq = ? for update", counted.seq()));
    FutureTask<Exchange.Answer> fails = report(1, held);
    FutureTask<Exchange.Answer> waits = report(2, counted);

    queue.start();
    two.other().awaitBlocking(waits);
    Thread.sleep(100); // much longer than it waits for a row, much shorter than for a counter
    two.other().commit();

    assertThat(waits.get().verdicts()).containsExactly(Verdict.ACCEPTED);
    assertThatThrownBy(fails::get).matches(DatabaseErrors::isContention, "is worth another try");
    two.one().rollback();
  }

  @Test
  void who_others_wait_behind_is_handed_no_more_than_its_turn_allows() throws Exception {
    turns.took(1, Duration.ofSeconds(10));
    int[] servers = {1, 2, 3, 4};
    for (int i = 0; i < 10; i++) {
      two.submit(Options.DEFAULT, servers);
    }
    List<FutureTask<Exchange.Answer>> polls = new ArrayList<>();
    for (int server : servers) {
      polls.add(inLine(server, List.of(), WHOLE_BATCH));
    }

    queue.start();

    assertThat(polls.getFirst().get().leases()).hasSize(Turns.LEAST);
    assertThat(polls.getLast().get().leases()).hasSize(10);
  }

  @Test
  void batches_behind_which_others_stand_set_the_pace() throws Exception {
    int[] servers = {1, 2, 3, 4};
    two.submit(Options.DEFAULT, servers);
    List<FutureTask<Exchange.Answer>> polls = new ArrayList<>();
    for (int server : servers) {
      polls.add(inLine(server, List.of(), WHOLE_BATCH));
    }
    assertThat(turns.most(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);

    queue.start();

    for (FutureTask<Exchange.Answer> poll : polls) {
      assertThat(poll.get().leases()).hasSize(1);
    }
    assertThat(turns.most(Integer.MAX_VALUE)).isEqualTo(Turns.LEAST);
  }

  @Test
  void turns_are_short_while_few_executions_pass_many() {
    turns.took(500_000, Duration.ofSeconds(10));
    two.submit(Options.DEFAULT.origin(2), 1);
    for (int i = 0; i < 10; i++) {
      two.submit(Options.DEFAULT, 1, 2);
    }
    queue.start();
    int longer = turns.most(1_000);

    assertThat(lease(2, 5)).hasSize(5);
    assertThat(turns.most(1_000)).isEqualTo(longer);
    assertThat(lease(1, 5)).hasSize(2);

    assertThat(turns.most(1_000)).isLessThan(longer / 2);
  }

  private List<Exchange.Lease> lease(int server, int want) {
    return queue
        .exchange(new Exchange.Request(QueueFixture.server(server), List.of(), want, 0))
        .leases();
  }

  private FutureTask<Exchange.Answer> report(int server, QueuedCommand command) {
    return inLine(
        server,
        List.of(QueueFixture.result(server, command, 1, Outcome.SUCCEEDED)),
        Exchange.NOTHING);
  }

  /** Returns once the poll is in line. */
  private FutureTask<Exchange.Answer> inLine(int server, List<ReportedResult> results, int want) {
    var request = new Exchange.Request(QueueFixture.server(server), results, want, 0);
    var poll = new FutureTask<>(() -> queue.exchange(request));
    Thread caller = Thread.ofPlatform().name("edge-" + server).daemon().start(poll);
    Awaitility.await("it waits for its answer")
        .until(() -> caller.getState() == Thread.State.TIMED_WAITING);
    return poll;
  }
}
