// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.Session;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A forced end beside what else happens to the same execution. */
final class ForcedEndDbTest {
  @RegisterExtension final TwoSessions two = new TwoSessions();

  private static Optional<ForcedEndStore.Ended> force(Handle handle, QueuedCommand command) {
    return ForcedEndStore.end(handle, QueueFixture.server(1), command, "why");
  }

  private Optional<ForcedEndStore.Ended> forcedBehind(Session.Step first, QueuedCommand command) {
    return two.behind(first, h -> h.inTransaction(t -> force(t, command)));
  }

  @Test
  void it_finds_nothing_behind_a_result_that_is_just_settled() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    Optional<ForcedEndStore.Ended> forced =
        forcedBehind(h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED), command);

    assertThat(forced).isEmpty();
    assertThat(two.results(command)).isEqualTo(Map.of("succeeded", 1));
  }

  @Test
  void it_ends_what_a_failure_has_just_put_back() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    Optional<ForcedEndStore.Ended> forced =
        forcedBehind(h -> two.queue().report(h, 1, command, 1, Outcome.FAILED), command);

    assertThat(forced).contains(new ForcedEndStore.Ended(1, false));
    assertThat(two.results(command)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void it_sees_a_lease_that_commits_while_it_waits() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);

    Optional<ForcedEndStore.Ended> forced = forcedBehind(h -> two.queue().lease(h, 1, 1), command);

    assertThat(forced).contains(new ForcedEndStore.Ended(1, true));
    assertThat(two.report(command, Outcome.SUCCEEDED)).isEqualTo(Verdict.STALE);
  }

  @Test
  void a_result_that_waits_for_it_is_stale() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    Verdict late =
        two.behind(
            h -> force(h, command), h -> two.queue().report(h, 1, command, 1, Outcome.SUCCEEDED));

    assertThat(late).isEqualTo(Verdict.STALE);
    assertThat(two.results(command)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void a_lease_passes_by_what_it_is_ending() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);

    List<Exchange.Lease> leases =
        two.beside(h -> force(h, command), h -> two.queue().lease(h, 1, 1));

    assertThat(leases).isEmpty();
    assertThat(two.lease(1, 1)).isEmpty();
  }

  @Test
  void it_ends_a_lease_that_was_just_made_longer() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    Optional<ForcedEndStore.Ended> forced =
        forcedBehind(h -> assertThat(EndSteps.renew(h, command, 1)).hasSize(1), command);

    assertThat(forced).contains(new ForcedEndStore.Ended(1, true));
  }

  @Test
  void a_renewal_that_waits_for_it_is_stale() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    List<EndStore.Renewed> renewal =
        two.behind(h -> force(h, command), h -> EndSteps.renew(h, command, 1));

    assertThat(renewal).isEmpty();
  }

  @Test
  void of_it_and_a_cancel_only_one_ends_it() {
    QueuedCommand first = two.submit(Options.DEFAULT, 1);
    QueuedCommand second = two.submit(Options.DEFAULT, 1);

    List<EndStore.Swept> cancel =
        two.behind(h -> force(h, first), h -> EndSteps.cancel(h, first, 1));
    Optional<ForcedEndStore.Ended> forced =
        forcedBehind(h -> EndSteps.cancel(h, second, 1), second);

    assertThat(cancel).isEmpty();
    assertThat(forced).isEmpty();
    assertThat(two.results(first)).isEqualTo(Map.of("cancelled", 1));
    assertThat(two.results(second)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void behind_a_cancel_that_leaves_a_lease_alone_it_ends_it_all_the_same() {
    QueuedCommand command = two.leased(Options.DEFAULT);

    Optional<ForcedEndStore.Ended> forced =
        forcedBehind(h -> EndSteps.cancel(h, command, 1), command);

    assertThat(forced).contains(new ForcedEndStore.Ended(1, true));
  }

  @Test
  void of_it_and_a_deadline_sweep_only_one_ends_it() {
    QueuedCommand first = two.submit(Options.DEFAULT, 1);
    QueuedCommand second = two.submit(Options.DEFAULT, 1);

    List<EndStore.Swept> sweep = two.behind(h -> force(h, first), h -> EndSteps.expire(h, first));
    Optional<ForcedEndStore.Ended> forced = forcedBehind(h -> EndSteps.expire(h, second), second);

    assertThat(sweep).isEmpty();
    assertThat(forced).isEmpty();
    assertThat(two.results(first)).isEqualTo(Map.of("cancelled", 1));
    assertThat(two.results(second)).isEqualTo(Map.of("expired", 1));
  }

  @Test
  void of_it_and_a_removal_only_one_ends_it() {
    QueuedCommand first = two.submit(Options.DEFAULT, 1);

    List<Long> removed = two.behind(h -> force(h, first), EndSteps::remove);
    QueuedCommand second = two.submit(Options.DEFAULT, 1);
    Optional<ForcedEndStore.Ended> forced = forcedBehind(EndSteps::remove, second);

    assertThat(removed).isEmpty();
    assertThat(forced).isEmpty();
    assertThat(two.results(first)).isEqualTo(Map.of("cancelled", 1));
    assertThat(two.results(second)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void of_two_only_one_ends_it() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);

    Optional<ForcedEndStore.Ended> second = forcedBehind(h -> force(h, command), command);

    assertThat(second).isEmpty();
    assertThat(two.results(command)).isEqualTo(Map.of("cancelled", 1));
  }
}
