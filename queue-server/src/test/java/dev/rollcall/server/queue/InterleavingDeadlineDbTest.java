// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Deadline sweeps against leases, results and cancels, in both orders. */
final class InterleavingDeadlineDbTest {
  @RegisterExtension final TwoSessions two = new TwoSessions();

  @Test
  void a_deadline_sweep_behind_a_lease_leaves_it() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);

    List<EndStore.Swept> sweep =
        two.behind(h -> two.queue().lease(h, 1, 1), h -> EndSteps.expire(h, command));

    assertThat(sweep).extracting(EndStore.Swept::live).containsExactly(true);
    assertThat(two.counts(command)).containsExactly(0, 0, 0, 0, 0, 1);
  }

  @Test
  void a_lease_passes_by_what_a_deadline_sweep_is_ending() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);

    List<Exchange.Lease> leases =
        two.beside(
            h ->
                assertThat(EndSteps.ends(EndSteps.expire(h, command)))
                    .containsExactly(EndState.EXPIRED),
            h -> two.queue().lease(h, 1, 1));

    assertThat(leases).isEmpty();
    assertThat(two.counts(command)).containsExactly(0, 0, 0, 1, 0, 0);
  }

  @Test
  void a_deadline_sweep_behind_a_result_ends_nothing_more() {
    QueuedCommand command = two.lapsed(Options.DEFAULT);

    List<EndStore.Swept> sweep =
        two.behind(
            h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED),
            h -> EndSteps.expire(h, command));

    assertThat(sweep).isEmpty();
    assertThat(two.counts(command)).containsExactly(1, 0, 0, 0, 0, 0);
    assertThat(two.results(command)).isEqualTo(Map.of("succeeded", 1));
  }

  @Test
  void a_result_behind_a_deadline_sweep_is_late() {
    QueuedCommand command = two.lapsed(Options.DEFAULT);

    Verdict result =
        two.behind(
            h -> EndSteps.expire(h, command),
            h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED));

    assertThat(result).isEqualTo(Verdict.STALE);
    assertThat(two.counts(command)).containsExactly(0, 0, 0, 1, 0, 0);
  }

  @Test
  void of_two_sweeps_of_one_command_only_one_ends_it() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);

    List<EndStore.Swept> second =
        two.behind(h -> EndSteps.cancel(h, command, 1), h -> EndSteps.expire(h, command));

    assertThat(second).isEmpty();
    assertThat(two.counts(command)).containsExactly(0, 0, 0, 0, 1, 0);
  }
}
