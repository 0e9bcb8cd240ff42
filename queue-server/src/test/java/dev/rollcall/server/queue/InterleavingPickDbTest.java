// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.Session;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What happens to rows between the moment in which they are picked and that in which they are
 * taken.
 */
final class InterleavingPickDbTest {
  @RegisterExtension final TwoSessions two = new TwoSessions();

  private Pool pool;

  @BeforeEach
  void open() {
    pool =
        Pool.open(
            new DatabaseAddress(two.database().jdbcUrl(), null, null), Pool.Purpose.UPKEEP, 2);
  }

  @AfterEach
  void close() {
    pool.close();
  }

  /** A node's batch for the first server, of which the node knows no command yet. */
  private List<Long> batch() {
    var request = new Exchange.Request(QueueFixture.server(1), List.of(), 10, 0);
    return QueueFixture.seqs(
        ExchangeBatch.inTransaction(
                pool,
                QueueFixture.CELL,
                new CommandIndex(),
                List.of(request),
                HoldSet.NONE,
                Floors.Era.unknown())
            .answers()
            .getFirst()
            .leases());
  }

  /** The batch has read the queue, and before it takes anything the step is done and committed. */
  private List<Long> batchAround(Session.Step step) throws Exception {
    two.other().begin();
    two.other().run(h -> h.execute("lock table command in access exclusive mode"));
    try (var threads = Executors.newSingleThreadExecutor()) {
      Future<List<Long>> batch = threads.submit(this::batch);
      two.other().awaitBlocking(batch);
      two.one().run(step);
      two.other().commit();
      return batch.get();
    }
  }

  @Test
  void behind_what_another_poll_takes_nothing_of_its_key_is_handed_out() {
    QueuedCommand first = two.submit(Options.DEFAULT, 1);
    two.submit(Options.DEFAULT, 1);
    QueuedCommand unordered = two.submit(Options.DEFAULT.key(0), 1);

    two.one().begin();
    assertThat(QueueFixture.seqs(two.lease(1, 1))).containsExactly(first.seq());
    List<Long> leases = batch();
    two.one().commit();

    assertThat(leases).containsExactly(unordered.seq());
  }

  @Test
  void what_was_leased_since_it_was_picked_is_not_handed_out_twice() throws Exception {
    two.submit(Options.DEFAULT, 1);

    List<Long> leases = batchAround(h -> assertThat(two.queue().lease(h, 1, 1)).hasSize(1));

    assertThat(leases).isEmpty();
  }

  @Test
  void a_failure_that_came_since_its_lapsed_lease_was_picked_has_its_pause() throws Exception {
    QueuedCommand command = two.lapsed(Options.DEFAULT);

    List<Long> leases =
        batchAround(h ->
            h.execute(
                "update queue set leased_at = '-infinity', visible_at = now() + interval '9 s'"
                    + " where seq = ?",
                command.seq()));

    assertThat(leases).isEmpty();
  }

  @Test
  void what_was_cancelled_since_it_was_picked_is_not_handed_out() throws Exception {
    QueuedCommand command = two.lapsed(Options.DEFAULT);

    List<Long> leases =
        batchAround(
            h -> h.execute("update queue set cancelled = true where seq = ?", command.seq()));

    assertThat(leases).isEmpty();
  }

  @Test
  void what_had_its_last_attempt_since_it_was_picked_is_not_handed_out() throws Exception {
    QueuedCommand command = two.submit(Options.DEFAULT.attempts(1), 1);

    List<Long> leases =
        batchAround(handle -> {
          assertThat(two.queue().lease(handle, 1, 1)).hasSize(1);
          QueueFixture.lapse(handle, 1, command);
        });

    assertThat(leases).isEmpty();
    assertThat(two.results(command)).isEqualTo(Map.of("failed", 1));
  }

  @Test
  void who_got_nothing_of_what_it_picked_looks_again_soon() {
    two.submit(Options.DEFAULT, 1);
    two.one().begin();
    two.one().run(handle -> handle.execute("select from queue where server_id = 1 for update"));

    Exchange.Answer answer = answers(1, 1).getFirst();

    assertThat(answer.leases()).isEmpty();
    assertThat(answer.dueInSeconds()).isBetween(0.0, 0.1);
    two.one().rollback();
    assertThat(answers(1, 1).getFirst().leases()).hasSize(1);
    assertThat(answers(1, 1).getFirst().dueInSeconds()).as("it is leased").isGreaterThan(30);
  }

  @Test
  void a_key_is_not_handed_out_while_its_lease_lies_far_behind_in_another_lane() {
    for (int i = 0; i < 30; i++) {
      two.submit(Options.DEFAULT.key(8), 1);
    }
    two.submit(Options.DEFAULT.key(7), 1);
    assertThat(two.lease(1, 31)).hasSize(31);
    two.submit(Options.DEFAULT.key(7).lane(0), 1);

    assertThat(answers(1, 1).getFirst().leases()).isEmpty();
  }

  /** More than is read for one batch at a time. */
  @Test
  void many_servers_with_a_long_line_behind_a_lease_each_get_what_may_go() {
    int servers = 12;
    int[] all = IntStream.rangeClosed(1, servers).toArray();
    for (int i = 0; i < 1_900; i++) {
      two.submit(Options.DEFAULT.key(7), all);
    }
    for (int server : all) {
      assertThat(two.lease(server, 1)).hasSize(1);
    }
    QueuedCommand may = two.submit(Options.DEFAULT.key(8), all);

    assertThat(answers(servers, 1))
        .hasSize(servers)
        .allSatisfy(
            answer -> assertThat(QueueFixture.seqs(answer.leases())).containsExactly(may.seq()));
  }

  /** Of a batch of the first servers, each of which wants so many. */
  private List<Exchange.Answer> answers(int servers, int want) {
    List<Exchange.Request> requests =
        IntStream.rangeClosed(1, servers)
            .mapToObj(
                server -> new Exchange.Request(QueueFixture.server(server), List.of(), want, 0))
            .toList();
    return ExchangeBatch.inTransaction(
            pool,
            QueueFixture.CELL,
            new CommandIndex(),
            requests,
            HoldSet.NONE,
            Floors.Era.unknown())
        .answers();
  }
}
