// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.DatabaseExtension;
import dev.rollcall.testkit.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;

/** What is committed late, by many at once, or never: places, counters, ends of commands. */
final class InterleavingCommitDbTest {
  private static final int SUBMITTERS = 6;
  private static final int SUBMITS_EACH = 40;
  private static final Executor THREADS =
      task -> Thread.ofPlatform().name("rollcall-submitter").daemon().start(task);

  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private QueueFixture queue;
  private Session one;
  private Session other;

  @BeforeEach
  void open() {
    queue = new QueueFixture(database.get());
    one = database.get().session();
    other = database.get().session();
  }

  @AfterEach
  void close() {
    one.close();
    other.close();
  }

  @Test
  void what_is_committed_late_is_handed_out_although_later_places_were_served_before() {
    one.begin();
    QueuedCommand late = one.call(h -> queue.submit(h, Options.DEFAULT.key(1), 1));
    for (int i = 0; i < 20; i++) {
      QueuedCommand later = other.call(h -> queue.submit(h, Options.DEFAULT.key(2), 1));
      assertThat(later.seq()).isGreaterThan(late.seq());
      assertThat(QueueFixture.seqs(list(other, h -> queue.lease(h, 1, 5))))
          .containsExactly(later.seq());
      assertThat(verdict(other, h -> queue.report(h, 1, later, 1, Outcome.SUCCEEDED)))
          .isEqualTo(Verdict.ACCEPTED);
    }
    one.commit();

    assertThat(QueueFixture.seqs(list(other, h -> queue.lease(h, 1, 5))))
        .containsExactly(late.seq());
  }

  @Test
  void a_storm_of_submits_of_one_key_is_handed_out_in_the_order_of_the_places() {
    List<CompletableFuture<Void>> submitters = new ArrayList<>();
    for (int i = 0; i < SUBMITTERS; i++) {
      submitters.add(CompletableFuture.runAsync(this::submitMany, THREADS));
    }
    List<Long> handed = new ArrayList<>();
    CompletableFuture<Void> all =
        CompletableFuture.allOf(submitters.toArray(CompletableFuture[]::new));
    while (handed.size() < SUBMITTERS * SUBMITS_EACH) {
      boolean over = all.isDone();
      List<Exchange.Lease> leases = one.call(h -> queue.lease(h, 1, 1000));
      leases.forEach(lease -> handed.add(lease.command().seq()));
      for (Exchange.Lease lease : leases) {
        one.run(h -> queue.report(h, 1, lease.command(), lease.leaseNo(), Outcome.SUCCEEDED));
      }
      assertThat(over && leases.isEmpty()).as("some were never handed out").isFalse();
    }

    all.join();
    assertThat(handed).isSorted().doesNotHaveDuplicates();
  }

  private void submitMany() {
    database
        .get()
        .jdbi()
        .useHandle(handle -> {
          for (int i = 0; i < SUBMITS_EACH; i++) {
            queue.submit(handle, Options.DEFAULT, 1);
          }
        });
  }

  @Test
  void a_fan_out_whose_connection_is_cut_leaves_nothing() throws SQLException {
    try (Connection cut = database.get().connect()) {
      Handle victim = Jdbi.open(cut);
      victim.begin();
      QueuedCommand command = queue.submit(victim, Options.DEFAULT, 1, 2, 3);
      terminate(cut);

      assertThatThrownBy(victim::commit).isInstanceOf(RuntimeException.class);
      assertThat(rows("command where seq = " + command.seq())).isZero();
    }
    assertThat(rows("command_target")).isZero();
    assertThat(rows("rollup")).isZero();
    assertThat(rows("queue")).isZero();
    QueuedCommand next = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    assertThat(next.seq()).as("the key is free again").isPositive();
  }

  @Test
  void a_result_whose_connection_is_cut_can_be_sent_again_and_counts_once() throws SQLException {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));
    try (Connection cut = database.get().connect()) {
      Handle victim = Jdbi.open(cut);
      victim.begin();
      assertThat(queue.report(victim, 1, command, 1, Outcome.SUCCEEDED))
          .isEqualTo(Verdict.ACCEPTED);
      Future<Verdict> again = one.start(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
      one.awaitBlocked(again);
      terminate(cut);

      Verdict verdict = Session.result(again);
      assertThat(verdict).isEqualTo(Verdict.ACCEPTED);
      assertThatThrownBy(victim::commit).isInstanceOf(RuntimeException.class);
    }
    assertThat(counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void a_lease_whose_connection_is_cut_was_never_given() throws SQLException {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    try (Connection cut = database.get().connect()) {
      Handle victim = Jdbi.open(cut);
      victim.begin();
      assertThat(queue.lease(victim, 1, 1)).hasSize(1);
      terminate(cut);
      assertThatThrownBy(victim::commit).isInstanceOf(RuntimeException.class);
    }

    assertThat(verdict(other, h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED)))
        .isEqualTo(Verdict.STALE);
    assertThat(list(other, h -> queue.lease(h, 1, 1)))
        .extracting(Exchange.Lease::leaseNo)
        .containsExactly(1);
  }

  @Test
  void a_command_does_not_end_while_a_counter_is_still_being_written() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));

    one.begin();
    one.run(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    assertThat(list(other, h -> complete(h, command))).isEmpty();
    one.commit();

    assertThat(list(other, h -> complete(h, command))).containsExactly(command.seq());
  }

  @Test
  void a_command_ends_once_however_many_notice() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));
    one.run(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));

    one.begin();
    assertThat(list(one, h -> complete(h, command))).containsExactly(command.seq());
    Future<List<Long>> second = other.start(h -> complete(h, command));
    other.awaitBlocked(second);
    one.commit();

    assertThat(Session.<List<Long>>result(second)).isEmpty();
  }

  @Test
  void of_two_counters_filled_at_once_the_later_commit_ends_the_command() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h ->
        h.execute(
            "insert into rollup (seq, cell, participant_id, targeted) values (?, 0, 2, 1)",
            command.seq()));

    one.begin();
    assertThat(list(one, h -> count(h, command, (short) 1))).containsExactly(command.seq());
    assertThat(list(other, h -> count(h, command, (short) 2))).containsExactly(command.seq());
    assertThat(list(other, h -> complete(h, command))).isEmpty();
    one.commit();

    assertThat(list(one, h -> complete(h, command))).containsExactly(command.seq());
  }

  private static List<Long> count(Handle handle, QueuedCommand command, short participant) {
    var deltas = new RollupStore.Deltas();
    deltas.add(command.seq(), participant, EndState.SUCCEEDED);
    return RollupStore.count(handle, QueueFixture.CELL, deltas);
  }

  private static List<Long> complete(Handle handle, QueuedCommand command) {
    return CommandStore.complete(handle, List.of(command.seq()));
  }

  /** Ends a connection's backend, as a crash would, and waits until it is gone. */
  private void terminate(Connection cut) throws SQLException {
    int pid = cut.unwrap(PGConnection.class).getBackendPID();
    boolean ended =
        other.call(h ->
            h.createQuery("select pg_terminate_backend(:pid, 10000)")
                .bind("pid", pid)
                .mapTo(Boolean.class)
                .one());
    assertThat(ended).isTrue();
  }

  private int rows(String what) {
    return one.call(h -> h.select("select count(*) from " + what).mapTo(Integer.class).one());
  }

  private static <T> List<T> list(Session session, Session.Work<List<T>> work) {
    return session.call(work);
  }

  private static Verdict verdict(Session session, Session.Work<Verdict> work) {
    return session.call(work);
  }

  private List<Integer> counts(QueuedCommand command) {
    return one.call(h -> QueueFixture.counts(h, command));
  }
}
