// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.DatabaseExtension;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class SettleDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private QueueFixture queue;
  private Handle h;

  @BeforeEach
  void open() {
    queue = new QueueFixture(database.get());
    h = database.get().jdbi().open();
  }

  @AfterEach
  void close() {
    h.close();
  }

  @Test
  void a_command_goes_from_fan_out_to_counted_results() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT, 1, 2);

    Exchange.Lease lease = queue.lease(h, 1, 10).getFirst();

    assertThat(lease.leaseNo()).isEqualTo(1);
    assertThat(lease.attempt()).isEqualTo(1);
    assertThat(lease.leaseSeconds()).isBetween(59.0, 60.0);
    assertThat(lease.deadlineSeconds()).isBetween(86_390.0, 86_400.0);
    assertThat(queue.lease(h, 1, 10)).isEmpty();
    assertThat(queue.report(h, 1, command, 1, Outcome.SUCCEEDED)).isEqualTo(Verdict.ACCEPTED);
    assertThat(QueueFixture.counts(h, command)).containsExactly(1, 0, 0, 0, 0, 1);
    assertThat(QueueFixture.results(h, command)).containsEntry("succeeded", 1);
  }

  @Test
  void results_and_the_next_lease_share_a_transaction() {
    QueuedCommand first = queue.submit(h, Options.DEFAULT, 1);
    QueuedCommand second = queue.submit(h, Options.DEFAULT, 1);
    assertThat(QueueFixture.seqs(queue.lease(h, 1, 1))).containsExactly(first.seq());

    Exchange.Answer answer =
        queue.exchange(
            h,
            new Exchange.Request(
                QueueFixture.server(1),
                List.of(QueueFixture.result(1, first, 1, Outcome.SUCCEEDED)),
                1,
                1));

    assertThat(QueueFixture.seqs(answer.leases())).containsExactly(second.seq());
  }

  @Test
  void a_failure_is_retried_until_its_attempts_are_used_up() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT.attempts(2), 1);

    queue.lease(h, 1, 1);
    assertThat(queue.report(h, 1, command, 1, Outcome.FAILED)).isEqualTo(Verdict.ACCEPTED);
    assertThat(queue.lease(h, 1, 1)).isEmpty();
    assertThat(
            queue
                .exchange(h, new Exchange.Request(QueueFixture.server(1), List.of(), 1, 0))
                .dueInSeconds())
        .isBetween(0.0, 1.0);
    QueueFixture.retryNow(h);
    assertThat(queue.lease(h, 1, 1)).extracting(Exchange.Lease::attempt).containsExactly(2);
    assertThat(queue.report(h, 1, command, 2, Outcome.FAILED)).isEqualTo(Verdict.ACCEPTED);

    assertThat(QueueFixture.counts(h, command)).containsExactly(0, 1, 0, 0, 0, 0);
  }

  @Test
  void a_failure_that_is_final_ends_at_once() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT, 1);
    queue.lease(h, 1, 1);
    ReportedResult last =
        new ReportedResult(
            QueueFixture.server(1),
            command,
            1,
            Outcome.FAILED,
            false,
            0.5,
            "c",
            "m",
            null,
            "{\"a\":1}");

    queue.exchange(
        h, new Exchange.Request(QueueFixture.server(1), List.of(last), Exchange.NOTHING, 0));

    assertThat(QueueFixture.counts(h, command)).containsExactly(0, 1, 0, 0, 0, 0);
  }

  @Test
  void a_failure_past_which_the_deadline_leaves_no_time_ends() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT.deadline(0.4).lease(1), 1);
    queue.lease(h, 1, 1);

    queue.report(h, 1, command, 1, Outcome.FAILED);

    assertThat(QueueFixture.counts(h, command)).containsExactly(0, 1, 0, 0, 0, 0);
  }

  @Test
  void a_release_is_no_attempt_and_its_lease_number_is_spent() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT.attempts(1), 1);
    queue.lease(h, 1, 1);

    assertThat(queue.report(h, 1, command, 1, Outcome.RELEASED)).isEqualTo(Verdict.ACCEPTED);
    assertThat(queue.report(h, 1, command, 1, Outcome.SUCCEEDED)).isEqualTo(Verdict.DUPLICATE);
    Exchange.Lease again = queue.lease(h, 1, 1).getFirst();

    assertThat(again.attempt()).isEqualTo(1);
    assertThat(again.leaseNo()).isEqualTo(2);
    assertThat(queue.report(h, 1, command, 1, Outcome.SUCCEEDED)).isEqualTo(Verdict.DUPLICATE);
    assertThat(QueueFixture.counts(h, command)).containsExactly(0, 0, 0, 0, 0, 1);
  }

  @Test
  void a_rejection_ends_it() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT, 1);
    queue.lease(h, 1, 1);

    queue.report(h, 1, command, 1, Outcome.REJECTED);

    assertThat(QueueFixture.counts(h, command)).containsExactly(0, 0, 1, 0, 0, 0);
  }

  @Test
  void a_result_of_a_lease_that_lapsed_counts_until_another_is_given() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT, 1);
    queue.lease(h, 1, 1);
    QueueFixture.lapse(h, 1, command);

    assertThat(queue.report(h, 1, command, 1, Outcome.SUCCEEDED)).isEqualTo(Verdict.ACCEPTED);
    assertThat(QueueFixture.counts(h, command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void a_result_under_a_stale_lease_changes_nothing_but_the_late_record() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT, 1);
    queue.lease(h, 1, 1);
    QueueFixture.lapse(h, 1, command);
    assertThat(queue.lease(h, 1, 1)).extracting(Exchange.Lease::leaseNo).containsExactly(2);

    assertThat(queue.report(h, 1, command, 1, Outcome.SUCCEEDED)).isEqualTo(Verdict.STALE);
    assertThat(late(command)).containsExactly(1);
    assertThat(QueueFixture.counts(h, command)).containsExactly(0, 0, 0, 0, 0, 1);

    assertThat(queue.report(h, 1, command, 2, Outcome.SUCCEEDED)).isEqualTo(Verdict.ACCEPTED);
    assertThat(queue.report(h, 1, command, 1, Outcome.SUCCEEDED)).isEqualTo(Verdict.STALE);
    assertThat(QueueFixture.counts(h, command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void a_lease_that_was_never_given_is_stale_and_leaves_no_record() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT, 1);

    assertThat(queue.report(h, 1, command, 0, Outcome.SUCCEEDED)).isEqualTo(Verdict.STALE);
    assertThat(queue.report(h, 1, command, 1, Outcome.SUCCEEDED)).isEqualTo(Verdict.STALE);
    assertThat(queue.report(h, 1, command, 99, Outcome.SUCCEEDED)).isEqualTo(Verdict.STALE);
    assertThat(late(command)).isEmpty();
  }

  @Test
  void another_servers_execution_is_unknown() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT, 1);
    queue.lease(h, 1, 1);

    assertThat(queue.report(h, 2, command, 1, Outcome.SUCCEEDED)).isEqualTo(Verdict.UNKNOWN);
    assertThat(QueueFixture.counts(h, command)).containsExactly(0, 0, 0, 0, 0, 1);
  }

  @Test
  void a_result_that_is_in_is_a_duplicate_for_ever_after() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT, 1);
    queue.lease(h, 1, 1);
    queue.report(h, 1, command, 1, Outcome.SUCCEEDED);

    assertThat(queue.report(h, 1, command, 1, Outcome.SUCCEEDED)).isEqualTo(Verdict.DUPLICATE);
    assertThat(queue.report(h, 1, command, 1, Outcome.FAILED)).isEqualTo(Verdict.DUPLICATE);
    assertThat(QueueFixture.counts(h, command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void a_lapse_on_the_last_attempt_ends_failed_when_the_next_lease_meets_it() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT.attempts(1), 1);
    QueuedCommand behind = queue.submit(h, Options.DEFAULT, 1);
    queue.lease(h, 1, 1);
    QueueFixture.lapse(h, 1, command);

    assertThat(QueueFixture.seqs(queue.lease(h, 1, 1))).containsExactly(behind.seq());
    assertThat(QueueFixture.counts(h, command)).containsExactly(0, 1, 0, 0, 0, 0);
    assertThat(code(command)).isEqualTo("no-result");
    assertThat(queue.report(h, 1, command, 1, Outcome.SUCCEEDED)).isEqualTo(Verdict.STALE);
    assertThat(late(command)).containsExactly(1);
  }

  @Test
  void past_the_deadline_it_ends_expired_and_is_not_handed_out() {
    QueuedCommand command = queue.submit(h, Options.DEFAULT.deadline(-1), 1);

    assertThat(queue.lease(h, 1, 1)).isEmpty();
    assertThat(QueueFixture.counts(h, command)).containsExactly(0, 0, 0, 1, 0, 0);
    assertThat(code(command)).isEqualTo("deadline");
  }

  @Test
  void a_lease_never_reaches_past_the_deadline() {
    queue.submit(h, Options.DEFAULT.deadline(5).lease(60), 1);

    assertThat(queue.lease(h, 1, 1).getFirst().leaseSeconds()).isBetween(4.0, 5.0);
  }

  private List<Integer> late(QueuedCommand command) {
    return h.createQuery("select lease_no from attempt_log where seq = :seq and late order by 1")
        .bind("seq", command.seq())
        .mapTo(Integer.class)
        .list();
  }

  private String code(QueuedCommand command) {
    return h.createQuery("select code from execution_result where seq = :seq")
        .bind("seq", command.seq())
        .mapTo(String.class)
        .one();
  }
}
