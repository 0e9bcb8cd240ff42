// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;

/** What is committed late, by many at once, or never: places, counters, ends of commands. */
final class InterleavingCommitDbTest {
  private static final int SUBMITTERS = 6;
  private static final int SUBMITS_EACH = 40;
  private static final Executor THREADS =
      task -> Thread.ofPlatform().name("rollcall-submitter").daemon().start(task);

  @RegisterExtension final TwoSessions two = new TwoSessions();

  @Test
  void what_is_committed_late_is_handed_out_although_later_places_were_served_before() {
    QueueFixture queue = two.queue();
    two.one().begin();
    QueuedCommand late = two.submit(Options.DEFAULT.key(1), 1);
    for (int i = 0; i < 20; i++) {
      QueuedCommand later = two.other().call(h -> queue.submit(h, Options.DEFAULT.key(2), 1));
      List<Exchange.Lease> leases = two.other().call(h -> queue.lease(h, 1, 5));
      Verdict verdict = two.other().call(h -> queue.report(h, 1, later, 1, Outcome.SUCCEEDED));
      assertThat(later.seq()).isGreaterThan(late.seq());
      assertThat(QueueFixture.seqs(leases)).containsExactly(later.seq());
      assertThat(verdict).isEqualTo(Verdict.ACCEPTED);
    }
    two.one().commit();

    assertThat(QueueFixture.seqs(two.lease(1, 5))).containsExactly(late.seq());
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
      List<Exchange.Lease> leases = two.lease(1, 1000);
      leases.forEach(lease -> handed.add(lease.command().seq()));
      for (Exchange.Lease lease : leases) {
        two.one()
            .run(
                h -> two.queue().report(h, 1, lease.command(), lease.leaseNo(), Outcome.SUCCEEDED));
      }
      assertThat(over && leases.isEmpty()).as("some were never handed out").isFalse();
    }

    all.join();
    assertThat(handed).isSorted().doesNotHaveDuplicates();
  }

  private void submitMany() {
    two.database()
        .jdbi()
        .useHandle(handle -> {
          for (int i = 0; i < SUBMITS_EACH; i++) {
            two.queue().submit(handle, Options.DEFAULT, 1);
          }
        });
  }

  @Test
  void a_fan_out_whose_connection_is_cut_leaves_nothing() throws SQLException {
    try (Connection cut = two.database().connect()) {
      Handle victim = Jdbi.open(cut);
      victim.begin();
      QueuedCommand command = two.queue().submit(victim, Options.DEFAULT, 1, 2, 3);
      terminate(cut);

      assertThatThrownBy(victim::commit).isInstanceOf(RuntimeException.class);
      assertThat(rows("command where seq = " + command.seq())).isZero();
    }
    assertThat(rows("command_target")).isZero();
    assertThat(rows("rollup")).isZero();
    assertThat(rows("queue where server_id > 0")).isZero();
    QueuedCommand next = two.submit(Options.DEFAULT, 1);
    assertThat(next.seq()).as("the key is free again").isPositive();
  }

  @Test
  void a_result_whose_connection_is_cut_can_be_sent_again_and_counts_once() throws SQLException {
    QueuedCommand command = two.leased(Options.DEFAULT);
    try (Connection cut = two.database().connect()) {
      Handle victim = Jdbi.open(cut);
      victim.begin();
      assertThat(two.queue().report(victim, 1, command, 1, Outcome.SUCCEEDED))
          .isEqualTo(Verdict.ACCEPTED);
      Future<Verdict> again =
          two.one().start(h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED));
      two.one().awaitBlocked(again);
      terminate(cut);

      Verdict verdict = Session.result(again);
      assertThat(verdict).isEqualTo(Verdict.ACCEPTED);
      assertThatThrownBy(victim::commit).isInstanceOf(RuntimeException.class);
    }
    assertThat(two.counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void a_lease_whose_connection_is_cut_was_never_given() throws SQLException {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);
    try (Connection cut = two.database().connect()) {
      Handle victim = Jdbi.open(cut);
      victim.begin();
      assertThat(two.queue().lease(victim, 1, 1)).hasSize(1);
      terminate(cut);
      assertThatThrownBy(victim::commit).isInstanceOf(RuntimeException.class);
    }

    assertThat(two.report(command, Outcome.SUCCEEDED)).isEqualTo(Verdict.STALE);
    assertThat(two.lease(1, 1)).extracting(Exchange.Lease::leaseNo).containsExactly(1);
  }

  @Test
  void a_command_does_not_end_while_a_counter_is_still_being_written() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    List<Long> early =
        two.beside(
            h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED),
            h -> complete(h, command));
    List<Long> then = two.other().call(h -> complete(h, command));

    assertThat(early).isEmpty();
    assertThat(then).containsExactly(command.seq());
  }

  @Test
  void a_command_ends_once_however_many_notice() {
    QueuedCommand command = two.leased(Options.DEFAULT);
    two.report(command, Outcome.SUCCEEDED);

    List<Long> second =
        two.behind(
            h -> assertThat(complete(h, command)).containsExactly(command.seq()),
            h -> complete(h, command));

    assertThat(second).isEmpty();
  }

  @Test
  void of_two_counters_filled_at_once_the_later_commit_ends_the_command() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);
    two.one()
        .run(h ->
            h.execute(
                "insert into rollup (seq, cell, participant_id, targeted) values (?, 0, 2, 1)",
                command.seq()));

    two.one().begin();
    List<Long> first = two.one().call(h -> count(h, command, (short) 1));
    List<Long> second = two.other().call(h -> count(h, command, (short) 2));
    List<Long> early = two.other().call(h -> complete(h, command));
    two.one().commit();
    List<Long> then = two.one().call(h -> complete(h, command));

    assertThat(first).containsExactly(command.seq());
    assertThat(second).containsExactly(command.seq());
    assertThat(early).isEmpty();
    assertThat(then).containsExactly(command.seq());
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
        two.other()
            .call(h ->
                h.createQuery("select pg_terminate_backend(:pid, 10000)")
                    .bind("pid", pid)
                    .mapTo(Boolean.class)
                    .one());
    assertThat(ended).isTrue();
  }

  private int rows(String what) {
    return two.one().call(h -> h.select("select count(*) from " + what).mapTo(Integer.class).one());
  }
}
