// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.Session;
import java.util.List;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The record of late results, which two transactions may want to write at once. */
final class LateRecordDbTest {
  @RegisterExtension final TwoSessions two = new TwoSessions();

  /**
   * A made-up result: its lease is given, and settled by somebody else, between the settlement and
   * the verdicts of the batch it came in. If it were noted as late, the batch would wait for the
   * other two.one(), which may have to wait for a late record of this batch.
   */
  @Test
  void a_result_under_a_lease_that_is_only_given_meanwhile_waits_for_nobody() {
    QueuedCommand late = two.lapsed(Options.DEFAULT.key(1));
    assertThat(two.lease(1, 1)).hasSize(1);
    QueuedCommand early = two.submit(Options.DEFAULT.key(2), 1);
    List<ReportedResult> both = List.of(failed(late, 1), failed(early, 1));

    two.one().begin();
    assertThat(settle(two.one(), both)).isEmpty();
    two.other().run(h -> two.queue().lease(h, 1, 1));
    two.other().begin();
    assertThat(settle(two.other(), List.of(failed(early, 1)))).hasSize(1);

    List<String> first = two.one().call(h -> verdicts(h, both));
    assertThat(first).containsExactly("stale", "stale");
    Future<List<String>> second = two.other().start(h -> verdicts(h, List.of(failed(late, 1))));
    two.other().awaitBlocked(second);
    two.one().commit();
    assertThat(Session.result(second)).containsExactly("stale");
    two.other().commit();

    List<String> log = two.one().call(LateRecordDbTest::log);
    assertThat(log).containsExactly(late.seq() + " 1 late", early.seq() + " 1");
  }

  private static ReportedResult failed(QueuedCommand command, int lease) {
    return QueueFixture.result(1, command, lease, Outcome.FAILED);
  }

  private static List<SettleStore.Settled> settle(Session session, List<ReportedResult> items) {
    return session.call(h -> SettleStore.settle(h, QueueFixture.CELL, items));
  }

  private static List<String> verdicts(Handle handle, List<ReportedResult> items) {
    return SettleStore.verdicts(handle, QueueFixture.CELL, items).stream()
        .map(SettleStore.Refused::verdict)
        .toList();
  }

  private static List<String> log(Handle handle) {
    return handle
        .createQuery(
            "select concat_ws(' ', seq, lease_no, case when late then 'late' end)"
                + " from attempt_log order by seq")
        .mapTo(String.class)
        .list();
  }
}
