// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.Session;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pairs of steps that conflict, on two connections, one of them kept open where it hurts. */
final class InterleavingDbTest {
  @RegisterExtension final TwoSessions two = new TwoSessions();

  @Test
  void the_same_result_twice_at_once_is_accepted_and_duplicate() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    Verdict second =
        two.behind(
            h ->
                assertThat(two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED))
                    .isEqualTo(Verdict.ACCEPTED),
            h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED));

    assertThat(second).isEqualTo(Verdict.DUPLICATE);
    assertThat(two.counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void the_same_failure_twice_at_once_is_accepted_and_duplicate() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    Verdict second =
        two.behind(
            h -> two.queue().report(h, 1, command, 1, Outcome.FAILED),
            h -> two.queue().report(h, 1, command, 1, Outcome.FAILED));

    assertThat(second).isEqualTo(Verdict.DUPLICATE);
  }

  @Test
  void a_result_that_waits_while_its_lease_is_given_anew_is_stale() {
    QueuedCommand command = two.lapsed(Options.DEFAULT);

    Verdict late =
        two.behind(
            h -> assertThat(two.queue().lease(h, 1, 1)).hasSize(1),
            h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED));

    assertThat(late).isEqualTo(Verdict.STALE);
    assertThat(two.counts(command)).containsExactly(0, 0, 0, 0, 0, 1);
  }

  @Test
  void a_lease_does_not_take_what_a_result_is_just_settling() {
    QueuedCommand command = two.lapsed(Options.DEFAULT);

    List<Exchange.Lease> leases =
        two.beside(
            h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED),
            h -> two.queue().lease(h, 1, 1));

    assertThat(leases).isEmpty();
    assertThat(two.lease(1, 1)).isEmpty();
    assertThat(two.counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void two_leases_of_one_server_never_share_an_execution_or_a_key() {
    QueuedCommand first = two.submit(Options.DEFAULT, 1);
    two.submit(Options.DEFAULT, 1);
    QueuedCommand unordered = two.submit(Options.DEFAULT.key(0), 1);

    List<Exchange.Lease> leases =
        two.beside(
            h ->
                assertThat(QueueFixture.seqs(two.queue().lease(h, 1, 1)))
                    .containsExactly(first.seq()),
            h -> two.queue().lease(h, 1, 10));

    assertThat(QueueFixture.seqs(leases)).containsExactly(unordered.seq());
    assertThat(two.lease(1, 10)).isEmpty();
  }

  @Test
  void a_key_in_two_lanes_goes_to_one_of_two_polls() {
    two.submit(Options.DEFAULT.lane(0), 1);
    two.submit(Options.DEFAULT.lane(2), 1);

    List<Exchange.Lease> leases =
        two.beside(
            h -> assertThat(two.queue().lease(h, 1, 1)).hasSize(1),
            h -> two.queue().lease(h, 1, 10));

    assertThat(leases).isEmpty();
    assertThat(two.lease(1, 10)).isEmpty();
  }

  @Test
  void a_cancel_that_waits_for_a_lease_marks_it_and_it_is_never_handed_out_again() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1, 2);

    List<EndStore.Swept> cancel =
        two.behind(h -> two.queue().lease(h, 1, 1), h -> EndSteps.cancel(h, command, 1, 2));

    assertThat(cancel).extracting(EndStore.Swept::live).containsExactlyInAnyOrder(true, false);
    two.lapse(command);
    assertThat(two.lease(1, 10)).isEmpty();
    assertThat(two.results(command)).containsEntry("cancelled", 2);
  }

  @Test
  void a_lease_skips_what_a_cancel_is_just_ending() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);

    List<Exchange.Lease> leases =
        two.beside(h -> EndSteps.cancel(h, command, 1), h -> two.queue().lease(h, 1, 1));

    assertThat(leases).isEmpty();
    assertThat(two.lease(1, 1)).isEmpty();
    assertThat(two.results(command)).containsEntry("cancelled", 1);
  }

  @Test
  void a_failure_reported_while_a_cancel_waits_is_ended_by_the_cancel() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    List<EndStore.Swept> cancel =
        two.behind(
            h -> two.queue().report(h, 1, command, 1, Outcome.FAILED),
            h -> EndSteps.cancel(h, command, 1));

    assertThat(cancel).extracting(EndStore.Swept::ends).containsExactly(EndState.CANCELLED);
  }

  @Test
  void a_failure_reported_behind_a_cancel_ends_cancelled_and_a_success_counts() {
    QueuedCommand failing = two.leased(Options.DEFAULT);
    QueuedCommand succeeding = two.leased(Options.DEFAULT.key(8));

    Verdict failure =
        two.behind(
            h -> {
              EndSteps.cancel(h, failing, 1);
              EndSteps.cancel(h, succeeding, 1);
            },
            h -> two.queue().report(h, 1, failing, 1, Outcome.FAILED));

    assertThat(failure).isEqualTo(Verdict.ACCEPTED);
    assertThat(two.report(succeeding, Outcome.SUCCEEDED)).isEqualTo(Verdict.ACCEPTED);
    assertThat(two.counts(failing)).containsExactly(0, 0, 0, 0, 1, 0);
    assertThat(two.counts(succeeding)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void cancelling_and_settling_one_command_do_not_deadlock() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1, 2);
    two.lease(1, 1);
    two.lease(2, 1);

    Verdict settled =
        two.beside(
            h ->
                h.execute(
                    "update command set cancel_requested_at = now() where seq = ?", command.seq()),
            h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED));
    two.one().run(h -> EndSteps.cancel(h, command, 1, 2));

    assertThat(settled).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void counters_of_two_commands_are_locked_in_one_order_by_all() {
    QueuedCommand first = two.submit(Options.DEFAULT, 1, 2, 3, 4);
    QueuedCommand second = two.submit(Options.DEFAULT.key(8), 1, 2, 3, 4);

    two.one().begin();
    two.one().run(h -> RollupStore.count(h, QueueFixture.CELL, deltas(first)));
    two.other().begin();
    Future<List<Long>> both =
        two.other().start(h -> RollupStore.count(h, QueueFixture.CELL, deltas(second, first)));
    two.other().awaitBlocked(both);
    two.one().run(h -> h.execute("set local lock_timeout = '1s'"));
    two.one().run(h -> RollupStore.count(h, QueueFixture.CELL, deltas(second)));
    two.one().commit();

    List<Long> full = Session.result(both);
    assertThat(full).containsExactlyInAnyOrder(first.seq(), second.seq());
    two.other().commit();
  }

  @Test
  void of_two_submits_of_one_key_the_second_takes_its_place_after_the_firsts_commit() {
    two.one().begin();
    QueuedCommand first = two.submit(Options.DEFAULT, 1);
    Future<QueuedCommand> second =
        two.other().start(h -> two.queue().submit(h, Options.DEFAULT, 1));
    two.other().awaitBlocked(second);
    assertThat(leaseOfAThird()).isEmpty();
    two.one().commit();

    assertThat(Session.<QueuedCommand>result(second).seq()).isGreaterThan(first.seq());
  }

  private List<Exchange.Lease> leaseOfAThird() {
    try (Session third = two.database().session()) {
      return third.call(h -> two.queue().lease(h, 1, 10));
    }
  }

  @Test
  void submits_of_different_keys_do_not_wait_for_each_other() {
    two.one().begin();
    QueuedCommand first = two.submit(Options.DEFAULT, 1);
    QueuedCommand second = two.other().call(h -> two.queue().submit(h, Options.DEFAULT.key(8), 1));
    two.one().commit();

    assertThat(second.seq()).isGreaterThan(first.seq());
  }

  @Test
  void places_rise_even_when_the_clock_goes_back() {
    long far = two.one().call(h -> FanOut.takePlaces(h, 1)) + (3_600_000L << 22);
    two.one().run(h -> h.execute("select setval('command_seq', ?)", far));

    long next = two.other().call(h -> FanOut.takePlaces(h, 5));

    assertThat(next).isEqualTo(far + 1);
    long after = two.one().call(h -> FanOut.takePlaces(h, 1));
    assertThat(after).isEqualTo(far + 6);
  }

  @Test
  void while_one_of_a_run_is_live_a_lapsed_one_is_not_handed_out() {
    QueuedCommand first = two.submit(Options.DEFAULT, 1);
    QueuedCommand second = two.submit(Options.DEFAULT, 1);
    two.lease(1, 2);
    two.lapse(first);

    assertThat(two.lease(1, 10)).isEmpty();

    two.lapse(second);
    assertThat(QueueFixture.seqs(two.lease(1, 10))).containsExactly(first.seq(), second.seq());
  }

  @Test
  void a_pause_before_a_retry_is_counted_from_the_result_and_not_from_the_transactions_begin() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    two.one().begin();
    two.one().run(h -> h.execute("select pg_sleep(0.7)"));
    two.report(command, Outcome.FAILED); // half a second's pause
    two.one().commit();

    assertThat(two.lease(1, 1)).isEmpty();
  }

  @Test
  void a_lease_counts_from_its_own_moment_and_not_from_the_transactions_begin() {
    two.submit(Options.DEFAULT.lease(1), 1);

    two.one().begin();
    two.one().run(h -> h.execute("select pg_sleep(1.2)"));
    assertThat(two.lease(1, 1)).hasSize(1);
    two.one().commit();

    assertThat(two.lease(1, 1)).isEmpty();
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
