// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.DatabaseExtension;
import dev.rollcall.testkit.Session;
import java.util.Optional;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A forced end beside what else happens to the same execution. */
final class ForcedEndDbTest {
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

  private static Optional<ForcedEndStore.Ended> force(Handle handle, QueuedCommand command) {
    return ForcedEndStore.end(handle, QueueFixture.server(1), command, "why");
  }

  private String ends(QueuedCommand command) {
    return one.call(h -> QueueFixture.results(h, command).toString());
  }

  private static <T> T result(Future<T> future) {
    return Session.result(future);
  }

  @Test
  void it_finds_nothing_behind_a_result_that_is_just_settled() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));

    one.begin();
    one.run(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    Future<Optional<ForcedEndStore.Ended>> forced =
        other.start(h -> h.inTransaction(t -> force(t, command)));
    other.awaitBlocked(forced);
    one.commit();

    assertThat(result(forced)).isEmpty();
    assertThat(ends(command)).isEqualTo("{succeeded=1}");
  }

  @Test
  void it_ends_what_a_failure_has_just_put_back() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));

    one.begin();
    one.run(h -> queue.report(h, 1, command, 1, Outcome.FAILED));
    Future<Optional<ForcedEndStore.Ended>> forced =
        other.start(h -> h.inTransaction(t -> force(t, command)));
    other.awaitBlocked(forced);
    one.commit();

    assertThat(result(forced)).contains(new ForcedEndStore.Ended(1, false));
    assertThat(ends(command)).isEqualTo("{cancelled=1}");
  }

  @Test
  void it_sees_a_lease_that_commits_while_it_waits() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));

    one.begin();
    one.run(h -> queue.lease(h, 1, 1));
    Future<Optional<ForcedEndStore.Ended>> forced =
        other.start(h -> h.inTransaction(t -> force(t, command)));
    other.awaitBlocked(forced);
    one.commit();

    assertThat(result(forced)).contains(new ForcedEndStore.Ended(1, true));
    Verdict late = one.call(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    assertThat(late).isEqualTo(Verdict.STALE);
  }

  @Test
  void a_result_that_waits_for_it_is_stale() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    one.run(h -> queue.lease(h, 1, 1));

    one.begin();
    one.run(h -> force(h, command));
    Future<Verdict> late = other.start(h -> queue.report(h, 1, command, 1, Outcome.SUCCEEDED));
    other.awaitBlocked(late);
    one.commit();

    assertThat(result(late)).isEqualTo(Verdict.STALE);
    assertThat(ends(command)).isEqualTo("{cancelled=1}");
  }
}
