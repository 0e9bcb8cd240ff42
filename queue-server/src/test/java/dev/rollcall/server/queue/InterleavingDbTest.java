// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.DatabaseExtension;
import dev.rollcall.testkit.Session;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pairs of steps that conflict, on two connections, one of them kept open where it hurts. */
final class InterleavingDbTest {
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
  void the_same_result_twice_at_once_is_accepted_and_duplicate() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));

    one.begin();
    Verdict first = one.call(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    Future<Verdict> second = other.start(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    other.awaitBlocked(second);
    one.commit();

    assertThat(first).isEqualTo(Verdict.ACCEPTED);
    assertThat(verdict(second)).isEqualTo(Verdict.DUPLICATE);
    assertThat(counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void the_same_failure_twice_at_once_is_accepted_and_duplicate() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));

    one.begin();
    one.run(h -> queue.report(h, 1, command, 1, Outcome.FAILED));
    Future<Verdict> second = other.start(h -> queue.report(h, 1, command, 1, Outcome.FAILED));
    other.awaitBlocked(second);
    one.commit();

    assertThat(verdict(second)).isEqualTo(Verdict.DUPLICATE);
  }

  @Test
  void a_result_that_waits_while_its_lease_is_given_anew_is_stale() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));
    one.run(h -> QueueFixture.lapse(h, 1, command));

    one.begin();
    assertThat(lease(one, 1, 1)).hasSize(1);
    Future<Verdict> late = other.start(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    other.awaitBlocked(late);
    one.commit();

    assertThat(verdict(late)).isEqualTo(Verdict.STALE);
    assertThat(counts(command)).containsExactly(0, 0, 0, 0, 0, 1);
  }

  @Test
  void a_lease_does_not_take_what_a_result_is_just_settling() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));
    one.run(h -> QueueFixture.lapse(h, 1, command));

    one.begin();
    one.run(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    assertThat(lease(other, 1, 1)).isEmpty();
    one.commit();

    assertThat(lease(other, 1, 1)).isEmpty();
    assertThat(counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void two_leases_of_one_server_never_share_an_execution_or_a_key() {
    QueuedCommand first = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.submit(h, Options.DEFAULT, 1));
    QueuedCommand unordered = one.call(h -> queue.submit(h, Options.DEFAULT.key(0), 1));

    one.begin();
    List<Long> leased = QueueFixture.seqs(lease(one, 1, 1));
    List<Long> leasedBeside = QueueFixture.seqs(lease(other, 1, 10));
    one.commit();

    assertThat(leased).containsExactly(first.seq());
    assertThat(leasedBeside).containsExactly(unordered.seq());
    assertThat(lease(other, 1, 10)).isEmpty();
  }

  @Test
  void a_key_in_two_lanes_goes_to_one_of_two_polls() {
    one.run(h -> queue.submit(h, Options.DEFAULT.lane(0), 1));
    one.run(h -> queue.submit(h, Options.DEFAULT.lane(2), 1));

    one.begin();
    assertThat(lease(one, 1, 1)).hasSize(1);
    assertThat(lease(other, 1, 10)).isEmpty();
    one.commit();

    assertThat(lease(other, 1, 10)).isEmpty();
  }

  @Test
  void a_cancel_that_waits_for_a_lease_marks_it_and_it_is_never_handed_out_again() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1, 2));

    one.begin();
    one.run(h -> queue.lease(h, 1, 1));
    Future<List<EndStore.Swept>> cancel = other.start(h -> cancel(h, command));
    other.awaitBlocked(cancel);
    one.commit();

    assertThat(swept(cancel))
        .extracting(EndStore.Swept::live)
        .containsExactlyInAnyOrder(true, false);
    one.run(h -> QueueFixture.lapse(h, 1, command));
    assertThat(lease(one, 1, 10)).isEmpty();
    assertThat(results(command)).containsEntry("cancelled", 2);
  }

  @Test
  void a_lease_skips_what_a_cancel_is_just_ending() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));

    one.begin();
    one.run(h -> cancel(h, command));
    assertThat(lease(other, 1, 1)).isEmpty();
    one.commit();

    assertThat(lease(other, 1, 1)).isEmpty();
    assertThat(results(command)).containsEntry("cancelled", 1);
  }

  @Test
  void a_failure_reported_while_a_cancel_waits_is_ended_by_the_cancel() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));

    one.begin();
    one.run(h -> queue.report(h, 1, command, 1, Outcome.FAILED));
    Future<List<EndStore.Swept>> cancel = other.start(h -> cancel(h, command));
    other.awaitBlocked(cancel);
    one.commit();

    assertThat(swept(cancel)).extracting(EndStore.Swept::ends).containsExactly(EndState.CANCELLED);
  }

  @Test
  void a_failure_reported_behind_a_cancel_ends_cancelled_and_a_success_counts() {
    QueuedCommand failing = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    QueuedCommand succeeding = one.call(h -> queue.submit(h, Options.DEFAULT.key(8), 1));
    one.run(h -> queue.lease(h, 1, 2));

    one.begin();
    one.run(h -> cancel(h, failing));
    one.run(h -> cancel(h, succeeding));
    Future<Verdict> failure = other.start(h -> queue.report(h, 1, failing, 1, Outcome.FAILED));
    other.awaitBlocked(failure);
    one.commit();

    assertThat(verdict(failure)).isEqualTo(Verdict.ACCEPTED);
    Verdict success = one.call(h -> queue.report(h, 1, succeeding, 1, Outcome.SUCCEEDED));
    assertThat(success).isEqualTo(Verdict.ACCEPTED);
    assertThat(counts(failing)).containsExactly(0, 0, 0, 0, 1, 0);
    assertThat(counts(succeeding)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void cancelling_and_settling_one_command_do_not_deadlock() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1, 2));
    one.run(h -> queue.lease(h, 1, 1));
    one.run(h -> queue.lease(h, 2, 1));

    one.begin();
    one.run(h ->
        h.execute("update command set cancel_requested_at = now() where seq = ?", command.seq()));
    Verdict settled = other.call(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    one.commit();
    one.run(h -> cancel(h, command));

    assertThat(settled).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void counters_of_two_commands_are_locked_in_one_order_by_all() {
    QueuedCommand first = one.call(h -> queue.submit(h, Options.DEFAULT, 1, 2, 3, 4));
    QueuedCommand second = one.call(h -> queue.submit(h, Options.DEFAULT.key(8), 1, 2, 3, 4));

    one.begin();
    one.run(h -> RollupStore.count(h, QueueFixture.CELL, deltas(first)));
    other.begin();
    Future<List<Long>> both =
        other.start(h -> RollupStore.count(h, QueueFixture.CELL, deltas(second, first)));
    other.awaitBlocked(both);
    one.run(h -> h.execute("set local lock_timeout = '1s'"));
    one.run(h -> RollupStore.count(h, QueueFixture.CELL, deltas(second)));
    one.commit();

    assertThat(full(both)).containsExactlyInAnyOrder(first.seq(), second.seq());
    other.commit();
  }

  @Test
  void of_two_submits_of_one_key_the_second_takes_its_place_after_the_firsts_commit() {
    one.begin();
    QueuedCommand first = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    Future<QueuedCommand> second = other.start(h -> queue.submit(h, Options.DEFAULT, 1));
    other.awaitBlocked(second);
    assertThat(leaseBeside(1, 10)).isEmpty();
    one.commit();

    assertThat(Session.<QueuedCommand>result(second).seq()).isGreaterThan(first.seq());
  }

  @Test
  void submits_of_different_keys_do_not_wait_for_each_other() {
    one.begin();
    QueuedCommand first = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    QueuedCommand second = other.call(h -> queue.submit(h, Options.DEFAULT.key(8), 1));
    one.commit();

    assertThat(second.seq()).isGreaterThan(first.seq());
  }

  @Test
  void places_rise_even_when_the_clock_goes_back() {
    long far = one.call(h -> FanOut.takePlaces(h, 1)) + (3_600_000L << 22);
    one.run(h -> h.execute("select setval('command_seq', ?)", far));

    long next = other.call(h -> FanOut.takePlaces(h, 5));

    assertThat(next).isEqualTo(far + 1);
    long after = one.call(h -> FanOut.takePlaces(h, 1));
    assertThat(after).isEqualTo(far + 6);
  }

  @Test
  void while_one_of_a_run_is_live_a_lapsed_one_is_not_handed_out() {
    QueuedCommand first = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    QueuedCommand second = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 2));
    one.run(h -> QueueFixture.lapse(h, 1, first));

    assertThat(lease(other, 1, 10)).isEmpty();

    one.run(h -> QueueFixture.lapse(h, 1, second));
    assertThat(QueueFixture.seqs(lease(other, 1, 10))).containsExactly(first.seq(), second.seq());
  }

  @Test
  void a_pause_before_a_retry_is_counted_from_the_result_and_not_from_the_transactions_begin() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));

    one.begin();
    one.run(h -> h.execute("select pg_sleep(0.7)"));
    one.run(h -> queue.report(h, 1, command, 1, Outcome.FAILED)); // half a second's pause
    one.commit();

    assertThat(lease(other, 1, 1)).isEmpty();
  }

  @Test
  void a_lease_counts_from_its_own_moment_and_not_from_the_transactions_begin() {
    one.run(h -> queue.submit(h, Options.DEFAULT.lease(1), 1));

    one.begin();
    one.run(h -> h.execute("select pg_sleep(1.2)"));
    assertThat(lease(one, 1, 1)).hasSize(1);
    one.commit();

    assertThat(lease(other, 1, 1)).isEmpty();
  }

  private static Verdict verdict(Future<Verdict> step) {
    return Session.result(step);
  }

  private static List<EndStore.Swept> swept(Future<List<EndStore.Swept>> step) {
    return Session.result(step);
  }

  private static List<Long> full(Future<List<Long>> step) {
    return Session.result(step);
  }

  private List<Exchange.Lease> lease(Session session, int server, int want) {
    return session.call(h -> queue.lease(h, server, want));
  }

  private List<Exchange.Lease> leaseBeside(int server, int want) {
    try (Session beside = database.get().session()) {
      return lease(beside, server, want);
    }
  }

  private List<Integer> counts(QueuedCommand command) {
    return one.call(h -> QueueFixture.counts(h, command));
  }

  private Map<String, Integer> results(QueuedCommand command) {
    return one.call(h -> QueueFixture.results(h, command));
  }

  private static List<EndStore.Swept> cancel(
      org.jdbi.v3.core.Handle handle, QueuedCommand command) {
    List<EndStore.Swept> swept =
        EndStore.sweep(handle, QueueFixture.CELL, command, (short) 1, new int[] {1, 2}, true);
    var deltas = new RollupStore.Deltas();
    swept.stream()
        .map(EndStore.Swept::ends)
        .filter(java.util.Objects::nonNull)
        .forEach(ends -> deltas.add(command.seq(), (short) 1, ends));
    if (!deltas.isEmpty()) {
      RollupStore.count(handle, QueueFixture.CELL, deltas);
    }
    return swept;
  }

  private static RollupStore.Deltas deltas(QueuedCommand... commands) {
    var deltas = new RollupStore.Deltas();
    for (QueuedCommand command : commands) {
      deltas.add(command.seq(), (short) 1, EndState.SUCCEEDED);
      deltas.add(command.seq(), (short) 1, EndState.FAILED);
    }
    return deltas;
  }
}
