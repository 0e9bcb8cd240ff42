// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The end of an execution whose last lease lapsed, by the poll that meets it, against results. */
final class InterleavingLastLeaseDbTest {
  @RegisterExtension final TwoSessions two = new TwoSessions();

  private QueuedCommand lapsedForGood() {
    return two.lapsed(Options.DEFAULT.attempts(1));
  }

  @Test
  void what_a_result_is_settling_is_not_ended_by_a_poll_that_meets_it() {
    QueuedCommand command = lapsedForGood();

    List<Exchange.Lease> leases =
        two.beside(
            h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED),
            h -> two.queue().lease(h, 1, 1));

    assertThat(leases).isEmpty();
    assertThat(two.counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
  }

  @Test
  void a_result_behind_a_poll_that_ends_its_execution_is_late() {
    QueuedCommand command = lapsedForGood();

    Verdict result =
        two.behind(
            h -> two.queue().lease(h, 1, 1),
            h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED));

    assertThat(result).isEqualTo(Verdict.STALE);
    assertThat(two.counts(command)).containsExactly(0, 1, 0, 0, 0, 0);
  }

  @Test
  void of_two_polls_only_one_ends_what_both_met() {
    QueuedCommand command = lapsedForGood();

    List<Exchange.Lease> leases =
        two.beside(h -> two.queue().lease(h, 1, 1), h -> two.queue().lease(h, 1, 1));

    assertThat(leases).isEmpty();
    assertThat(two.counts(command)).containsExactly(0, 1, 0, 0, 0, 0);
  }

  @Test
  void what_was_released_late_is_not_ended_by_a_poll_that_read_it_before() {
    QueuedCommand command = lapsedForGood();
    assertThat(two.report(command, Outcome.RELEASED)).isEqualTo(Verdict.ACCEPTED);

    List<Integer> ended = two.other().call(h -> endAsReadBefore(h, command));

    assertThat(ended).isEmpty();
    assertThat(two.lease(1, 1)).hasSize(1);
  }

  private static List<Integer> endAsReadBefore(Handle handle, QueuedCommand command) {
    return EndStore.endOver(
        handle,
        QueueFixture.CELL,
        new EndStore.OverRows(
            new int[] {1},
            new short[] {command.track()},
            new long[] {command.seq()},
            new int[] {1},
            new short[] {1},
            new String[] {EndState.FAILED.sql()},
            new String[] {"no-result"}));
  }
}
