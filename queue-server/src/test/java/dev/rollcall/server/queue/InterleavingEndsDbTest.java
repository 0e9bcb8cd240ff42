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
import java.util.Objects;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The ends that the server decides, and renewals, against everything else: each pair in both
 * orders, where there are two. The first of a pair keeps its transaction open, the second is seen
 * to wait or to pass by.
 */
final class InterleavingEndsDbTest {
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
  void a_cancel_behind_a_renewal_marks_the_lease_as_long_as_it_is_now() {
    QueuedCommand command = leased(Options.DEFAULT);

    one.begin();
    assertThat(list(one, h -> renew(h, command, 1))).hasSize(1);
    Future<List<EndStore.Swept>> cancel = other.start(h -> sweep(h, command, true));
    other.awaitBlocked(cancel);
    one.commit();

    EndStore.Swept swept = Session.result(cancel).getFirst();
    assertThat(swept.live()).isTrue();
    assertThat(swept.remaining()).isGreaterThan(500);
    assertThat(list(one, h -> renew(h, command, 1)))
        .extracting(EndStore.Renewed::cancelled)
        .containsExactly(true);
  }

  @Test
  void a_renewal_behind_a_cancel_is_told_and_lengthens_nothing() {
    QueuedCommand command = leased(Options.DEFAULT);

    one.begin();
    one.run(h -> sweep(h, command, true));
    Future<List<EndStore.Renewed>> renewal = other.start(h -> renew(h, command, 1));
    other.awaitBlocked(renewal);
    one.commit();

    assertThat(Session.result(renewal))
        .extracting(EndStore.Renewed::cancelled)
        .containsExactly(true);
    assertThat(list(one, h -> sweep(h, command, true)).getFirst().remaining()).isLessThan(61);
  }

  @Test
  void a_renewal_behind_a_result_is_stale() {
    QueuedCommand command = leased(Options.DEFAULT);

    one.begin();
    one.run(h -> queue.report(h, 1, command, 1, Outcome.FAILED));
    Future<List<EndStore.Renewed>> renewal = other.start(h -> renew(h, command, 1));
    other.awaitBlocked(renewal);
    one.commit();

    assertThat(Session.result(renewal)).isEmpty();
    one.run(QueueFixture::retryNow);
    assertThat(list(one, h -> queue.lease(h, 1, 1))).hasSize(1);
  }

  @Test
  void a_result_behind_a_renewal_counts() {
    QueuedCommand command = leased(Options.DEFAULT);

    one.begin();
    one.run(h -> renew(h, command, 1));
    Future<Verdict> result = other.start(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    other.awaitBlocked(result);
    one.commit();

    assertThat(verdict(result)).isEqualTo(Verdict.ACCEPTED);
    assertThat(counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void a_lapsed_lease_that_is_being_given_anew_cannot_be_renewed() {
    QueuedCommand command = lapsed(Options.DEFAULT);

    one.begin();
    assertThat(list(one, h -> queue.lease(h, 1, 1))).hasSize(1);
    assertThat(list(other, h -> renew(h, command, 1))).isEmpty();
    one.commit();

    assertThat(list(other, h -> renew(h, command, 1))).isEmpty();
    assertThat(list(other, h -> renew(h, command, 2))).hasSize(1);
  }

  @Test
  void a_deadline_sweep_behind_a_lease_leaves_it() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));

    one.begin();
    one.run(h -> queue.lease(h, 1, 1));
    Future<List<EndStore.Swept>> sweep = other.start(h -> sweep(h, overdue(command), false));
    other.awaitBlocked(sweep);
    one.commit();

    assertThat(Session.result(sweep)).extracting(EndStore.Swept::live).containsExactly(true);
    assertThat(counts(command)).containsExactly(0, 0, 0, 0, 0, 1);
  }

  @Test
  void a_lease_passes_by_what_a_deadline_sweep_is_ending() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));

    one.begin();
    assertThat(ends(list(one, h -> sweep(h, overdue(command), false))))
        .containsExactly(EndState.EXPIRED);
    assertThat(list(other, h -> queue.lease(h, 1, 1))).isEmpty();
    one.commit();

    assertThat(counts(command)).containsExactly(0, 0, 0, 1, 0, 0);
  }

  @Test
  void a_deadline_sweep_behind_a_result_ends_nothing_more() {
    QueuedCommand command = lapsed(Options.DEFAULT);

    one.begin();
    one.run(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    Future<List<EndStore.Swept>> sweep = other.start(h -> sweep(h, overdue(command), false));
    other.awaitBlocked(sweep);
    one.commit();

    assertThat(Session.result(sweep)).isEmpty();
    assertThat(counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
    assertThat(results(command)).isEqualTo(Map.of("succeeded", 1));
  }

  @Test
  void a_result_behind_a_deadline_sweep_is_late() {
    QueuedCommand command = lapsed(Options.DEFAULT);

    one.begin();
    one.run(h -> sweep(h, overdue(command), false));
    Future<Verdict> result = other.start(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    other.awaitBlocked(result);
    one.commit();

    assertThat(verdict(result)).isEqualTo(Verdict.STALE);
    assertThat(counts(command)).containsExactly(0, 0, 0, 1, 0, 0);
  }

  @Test
  void of_two_sweeps_of_one_command_only_one_ends_it() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));

    one.begin();
    one.run(h -> sweep(h, command, true));
    Future<List<EndStore.Swept>> second = other.start(h -> sweep(h, overdue(command), false));
    other.awaitBlocked(second);
    one.commit();

    assertThat(Session.result(second)).isEmpty();
    assertThat(counts(command)).containsExactly(0, 0, 0, 0, 1, 0);
  }

  @Test
  void what_a_result_is_settling_is_not_ended_by_a_poll_that_meets_it() {
    QueuedCommand command = lapsed(Options.DEFAULT.attempts(1));

    one.begin();
    one.run(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    assertThat(list(other, h -> queue.lease(h, 1, 1))).isEmpty();
    one.commit();

    assertThat(counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void a_result_behind_a_poll_that_ends_its_execution_is_late() {
    QueuedCommand command = lapsed(Options.DEFAULT.attempts(1));

    one.begin();
    one.run(h -> queue.lease(h, 1, 1));
    Future<Verdict> result = other.start(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    other.awaitBlocked(result);
    one.commit();

    assertThat(verdict(result)).isEqualTo(Verdict.STALE);
    assertThat(counts(command)).containsExactly(0, 1, 0, 0, 0, 0);
  }

  @Test
  void of_two_polls_only_one_ends_what_both_met() {
    QueuedCommand command = lapsed(Options.DEFAULT.attempts(1));

    one.begin();
    one.run(h -> queue.lease(h, 1, 1));
    assertThat(list(other, h -> queue.lease(h, 1, 1))).isEmpty();
    one.commit();

    assertThat(counts(command)).containsExactly(0, 1, 0, 0, 0, 0);
  }

  @Test
  void what_was_released_late_is_not_ended_by_a_poll_that_read_it_before() {
    QueuedCommand command = lapsed(Options.DEFAULT.attempts(1));
    assertThat(verdict(one, h -> queue.report(h, 1, command, 1, Outcome.RELEASED)))
        .isEqualTo(Verdict.ACCEPTED);

    assertThat(list(other, h -> endOver(h, command, EndState.FAILED, "no-result"))).isEmpty();

    assertThat(list(one, h -> queue.lease(h, 1, 1))).hasSize(1);
  }

  @Test
  void a_removal_behind_a_lease_ends_it_all_the_same() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));

    one.begin();
    one.run(h -> queue.lease(h, 1, 1));
    Future<List<Long>> removal = other.start(InterleavingEndsDbTest::remove);
    other.awaitBlocked(removal);
    one.commit();

    assertThat(Session.result(removal)).containsExactly(command.seq());
    assertThat(verdict(one, h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED)))
        .isEqualTo(Verdict.STALE);
    assertThat(results(command)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void a_lease_passes_by_what_a_removal_is_ending() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));

    one.begin();
    assertThat(list(one, InterleavingEndsDbTest::remove)).containsExactly(command.seq());
    assertThat(list(other, h -> queue.lease(h, 1, 1))).isEmpty();
    one.commit();

    assertThat(list(other, h -> queue.lease(h, 1, 1))).isEmpty();
  }

  @Test
  void a_removal_behind_a_result_ends_nothing_more() {
    QueuedCommand command = leased(Options.DEFAULT);

    one.begin();
    one.run(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    Future<List<Long>> removal = other.start(InterleavingEndsDbTest::remove);
    other.awaitBlocked(removal);
    one.commit();

    assertThat(Session.result(removal)).isEmpty();
    assertThat(results(command)).isEqualTo(Map.of("succeeded", 1));
  }

  @Test
  void a_result_or_a_renewal_behind_a_removal_is_stale() {
    QueuedCommand command = leased(Options.DEFAULT);

    one.begin();
    one.run(InterleavingEndsDbTest::remove);
    Future<Verdict> result = other.start(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    other.awaitBlocked(result);
    one.commit();

    assertThat(verdict(result)).isEqualTo(Verdict.STALE);
    assertThat(list(one, h -> renew(h, command, 1))).isEmpty();
    assertThat(results(command)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void of_two_removals_and_a_cancel_only_one_ends_it() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));

    one.begin();
    one.run(InterleavingEndsDbTest::remove);
    Future<List<Long>> again = other.start(InterleavingEndsDbTest::remove);
    other.awaitBlocked(again);
    one.commit();

    assertThat(Session.result(again)).isEmpty();
    assertThat(list(other, h -> sweep(h, command, true))).isEmpty();
    assertThat(results(command)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void a_removal_behind_a_cancel_ends_only_what_that_left() {
    QueuedCommand cancelled = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    QueuedCommand left = one.call(h -> queue.submit(h, Options.DEFAULT, 1));

    one.begin();
    one.run(h -> sweep(h, cancelled, true));
    Future<List<Long>> removal = other.start(InterleavingEndsDbTest::remove);
    other.awaitBlocked(removal);
    one.commit();

    assertThat(Session.result(removal)).containsExactly(left.seq());
    assertThat(results(cancelled)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void what_was_submitted_while_its_server_was_removed_is_ended_by_the_second_removal() {
    one.begin();
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    assertThat(list(other, InterleavingEndsDbTest::remove)).isEmpty();
    one.commit();

    assertThat(list(other, InterleavingEndsDbTest::remove)).containsExactly(command.seq());
  }

  private QueuedCommand leased(Options options) {
    QueuedCommand command = one.call(h -> queue.submit(h, options, 1));
    assertThat(list(one, h -> queue.lease(h, 1, 1))).hasSize(1);
    return command;
  }

  private QueuedCommand lapsed(Options options) {
    QueuedCommand command = leased(options);
    one.run(h -> QueueFixture.lapse(h, 1, command));
    return command;
  }

  /** The same command, its deadline passed. */
  private static QueuedCommand overdue(QueuedCommand command) {
    return new QueuedCommand(
        command.seq(),
        command.id(),
        command.track(),
        command.orderingHash(),
        command.leaseSeconds(),
        command.maxAttempts(),
        1,
        command.payloadBytes());
  }

  private static List<EndStore.Renewed> renew(Handle handle, QueuedCommand command, int lease) {
    return EndStore.renew(
        handle,
        QueueFixture.CELL,
        List.of(new Renewal(QueueFixture.server(1), command, lease, 600)));
  }

  private static List<Integer> endOver(
      Handle handle, QueuedCommand command, EndState state, String code) {
    return EndStore.endOver(
        handle,
        QueueFixture.CELL,
        new EndStore.OverRows(
            new int[] {1},
            new short[] {command.track()},
            new long[] {command.seq()},
            new int[] {1},
            new short[] {1},
            new String[] {state.sql()},
            new String[] {code}));
  }

  private static List<Long> remove(Handle handle) {
    List<Long> removed =
        EndStore.remove(
                handle,
                new EndStore.Removal(
                    QueueFixture.server(1), null, null, EndState.CANCELLED, "server-removed", 100))
            .seqs();
    count(handle, removed, EndState.CANCELLED);
    return removed;
  }

  private static List<EndStore.Swept> sweep(Handle handle, QueuedCommand command, boolean cancel) {
    List<EndStore.Swept> swept =
        EndStore.sweep(handle, QueueFixture.CELL, command, (short) 1, new int[] {1}, cancel);
    ends(swept).forEach(end -> count(handle, List.of(command.seq()), end));
    return swept;
  }

  private static List<EndState> ends(List<EndStore.Swept> swept) {
    return swept.stream().map(EndStore.Swept::ends).filter(Objects::nonNull).toList();
  }

  private static void count(Handle handle, List<Long> seqs, EndState state) {
    var deltas = new RollupStore.Deltas();
    seqs.forEach(seq -> deltas.add(seq, (short) 1, state));
    if (!deltas.isEmpty()) {
      RollupStore.count(handle, QueueFixture.CELL, deltas);
    }
  }

  private static Verdict verdict(Future<Verdict> step) {
    return Session.result(step);
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

  private Map<String, Integer> results(QueuedCommand command) {
    return one.call(h -> QueueFixture.results(h, command));
  }
}
