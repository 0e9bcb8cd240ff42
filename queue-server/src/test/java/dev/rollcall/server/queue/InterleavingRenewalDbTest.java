// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Renewals against cancels, deadlines, results and new leases, in both orders where there are two.
 */
final class InterleavingRenewalDbTest {
  @RegisterExtension final TwoSessions two = new TwoSessions();

  @Test
  void a_cancel_behind_a_renewal_marks_the_lease_as_long_as_it_is_now() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    List<EndStore.Swept> cancel =
        two.behind(
            h -> assertThat(EndSteps.renew(h, command, 1)).hasSize(1),
            h -> EndSteps.cancel(h, command, 1));

    EndStore.Swept swept = cancel.getFirst();
    assertThat(swept.live()).isTrue();
    assertThat(swept.remaining()).isGreaterThan(500);
    assertThat(renew(command, 1)).extracting(EndStore.Renewed::cancelled).containsExactly(true);
  }

  @Test
  void a_renewal_behind_a_cancel_is_told_and_lengthens_nothing() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    List<EndStore.Renewed> renewal =
        two.behind(h -> EndSteps.cancel(h, command, 1), h -> EndSteps.renew(h, command, 1));

    assertThat(renewal).extracting(EndStore.Renewed::cancelled).containsExactly(true);
    List<EndStore.Swept> again = two.one().call(h -> EndSteps.cancel(h, command, 1));
    assertThat(again.getFirst().remaining()).isLessThan(61);
  }

  @Test
  void a_renewal_behind_a_result_is_stale() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    List<EndStore.Renewed> renewal =
        two.behind(
            h -> two.queue().report(h, 1, command, 1, Outcome.FAILED),
            h -> EndSteps.renew(h, command, 1));

    assertThat(renewal).isEmpty();
    two.one().run(QueueFixture::retryNow);
    assertThat(two.lease(1, 1)).hasSize(1);
  }

  @Test
  void a_result_behind_a_renewal_counts() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    Verdict result =
        two.behind(
            h -> EndSteps.renew(h, command, 1),
            h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED));

    assertThat(result).isEqualTo(Verdict.ACCEPTED);
    assertThat(two.counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void a_lapsed_lease_that_is_being_given_anew_cannot_be_renewed() {
    QueuedCommand command = two.lapsed(Options.DEFAULT);

    List<EndStore.Renewed> renewal =
        two.beside(
            h -> assertThat(two.queue().lease(h, 1, 1)).hasSize(1),
            h -> EndSteps.renew(h, command, 1));

    assertThat(renewal).isEmpty();
    assertThat(renew(command, 1)).isEmpty();
    assertThat(renew(command, 2)).hasSize(1);
  }

  @Test
  void a_deadline_sweep_behind_a_renewal_leaves_it() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    List<EndStore.Swept> sweep =
        two.behind(h -> EndSteps.renew(h, command, 1), h -> EndSteps.expire(h, command));

    assertThat(EndSteps.ends(sweep)).isEmpty();
    assertThat(two.report(command, Outcome.SUCCEEDED)).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void a_renewal_behind_a_deadline_sweep_is_stale() {
    QueuedCommand command = two.lapsed(Options.DEFAULT);

    List<EndStore.Renewed> renewal =
        two.beside(
            h -> assertThat(EndSteps.ends(EndSteps.expire(h, command))).hasSize(1),
            h -> EndSteps.renew(h, command, 1));

    assertThat(renewal).isEmpty();
  }

  private List<EndStore.Renewed> renew(QueuedCommand command, int lease) {
    return two.one().call(h -> EndSteps.renew(h, command, lease));
  }
}
