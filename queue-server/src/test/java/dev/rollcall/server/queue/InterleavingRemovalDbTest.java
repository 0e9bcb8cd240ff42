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

/** The removal of a server against what happens to its executions, in both orders. */
final class InterleavingRemovalDbTest {
  @RegisterExtension final TwoSessions two = new TwoSessions();

  @Test
  void a_removal_behind_a_lease_ends_it_all_the_same() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);

    List<Long> removed = two.behind(h -> two.queue().lease(h, 1, 1), EndSteps::remove);

    assertThat(removed).containsExactly(command.seq());
    assertThat(two.report(command, Outcome.SUCCEEDED)).isEqualTo(Verdict.STALE);
    assertThat(two.results(command)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void a_lease_passes_by_what_a_removal_is_ending() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);

    List<Exchange.Lease> leases =
        two.beside(
            h -> assertThat(EndSteps.remove(h)).containsExactly(command.seq()),
            h -> two.queue().lease(h, 1, 1));

    assertThat(leases).isEmpty();
    assertThat(two.lease(1, 1)).isEmpty();
  }

  @Test
  void a_removal_behind_a_result_ends_nothing_more() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    List<Long> removed =
        two.behind(h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED), EndSteps::remove);

    assertThat(removed).isEmpty();
    assertThat(two.results(command)).isEqualTo(Map.of("succeeded", 1));
  }

  @Test
  void a_result_or_a_renewal_behind_a_removal_is_stale() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    Verdict result =
        two.behind(EndSteps::remove, h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED));

    assertThat(result).isEqualTo(Verdict.STALE);
    List<EndStore.Renewed> renewal = two.one().call(h -> EndSteps.renew(h, command, 1));
    assertThat(renewal).isEmpty();
    assertThat(two.results(command)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void of_two_removals_and_a_cancel_only_one_ends_it() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);

    List<Long> again = two.behind(EndSteps::remove, EndSteps::remove);

    assertThat(again).isEmpty();
    List<EndStore.Swept> cancel = two.other().call(h -> EndSteps.cancel(h, command, 1));
    assertThat(cancel).isEmpty();
    assertThat(two.results(command)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void a_removal_behind_a_cancel_ends_only_what_that_left() {
    QueuedCommand cancelled = two.submit(Options.DEFAULT, 1);
    QueuedCommand left = two.submit(Options.DEFAULT, 1);

    List<Long> removed = two.behind(h -> EndSteps.cancel(h, cancelled, 1), EndSteps::remove);

    assertThat(removed).containsExactly(left.seq());
    assertThat(two.results(cancelled)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void what_was_submitted_while_its_server_was_removed_is_ended_by_the_second_removal() {
    two.one().begin();
    QueuedCommand command = two.submit(Options.DEFAULT, 1);
    List<Long> first = two.other().call(EndSteps::remove);
    two.one().commit();

    List<Long> second = two.other().call(EndSteps::remove);

    assertThat(first).isEmpty();
    assertThat(second).containsExactly(command.seq());
  }
}
