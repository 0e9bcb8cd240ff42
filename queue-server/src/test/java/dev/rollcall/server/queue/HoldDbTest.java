// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.DatabaseExtension;
import dev.rollcall.testkit.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is held is not handed out, and nothing else changes for it. */
final class HoldDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private QueueFixture queue;
  private Session session;

  @BeforeEach
  void open() {
    queue = new QueueFixture(database.get());
    session = database.get().session();
  }

  @AfterEach
  void close() {
    session.close();
  }

  private static HoldSet hold(
      @Nullable Integer origin,
      @Nullable Integer participant,
      @Nullable Integer configuration,
      @Nullable String operation) {
    return new HoldSet(
        List.of(new Hold("h", origin, participant, configuration, operation)), Withholding.NONE);
  }

  private QueuedCommand submit(Options options) {
    return session.call(h -> queue.submit(h, options, 1));
  }

  private record Got(List<Long> leased, Set<Integer> kept, double dueIn) {}

  private Got lease(HoldSet holds, int want) {
    return session.call(h -> h.inTransaction(t -> lease(t, holds, want)));
  }

  private Got lease(Handle handle, HoldSet holds, int want) {
    var request = new Exchange.Request(QueueFixture.server(1), List.of(), want, 0);
    var batch =
        new ExchangeBatch(
            handle,
            QueueFixture.CELL,
            queue.index(),
            List.of(request),
            holds,
            Floors.Era.unknown(),
            true);
    Exchange.Answer answer = batch.run(_ -> {}).getFirst();
    return new Got(
        QueueFixture.seqs(answer.leases()), Set.copyOf(batch.kept()), answer.dueInSeconds());
  }

  @Test
  void a_hold_matches_by_all_that_it_says() {
    QueuedCommand ours = submit(Options.DEFAULT.key(0).origin(1));
    QueuedCommand theirs = submit(Options.DEFAULT.key(0).origin(2));
    session.run(
        h -> h.execute("update command set configuration_id = 5 where seq = " + ours.seq()));
    session.run(
        h -> h.execute("update command set operation = 'load' where seq = " + theirs.seq()));

    assertThat(leasable(hold(1, null, null, null))).containsExactly(theirs.seq());
    assertThat(leasable(hold(3, null, null, null))).containsExactly(ours.seq(), theirs.seq());
    assertThat(leasable(hold(null, 1, null, null))).isEmpty();
    assertThat(leasable(hold(null, 2, null, null))).containsExactly(ours.seq(), theirs.seq());
    assertThat(leasable(hold(null, null, 5, null))).containsExactly(theirs.seq());
    assertThat(leasable(hold(null, null, 6, null))).containsExactly(ours.seq(), theirs.seq());
    assertThat(leasable(hold(null, null, null, "load"))).containsExactly(ours.seq());
    assertThat(leasable(hold(1, null, null, "load"))).containsExactly(ours.seq(), theirs.seq());
    assertThat(leasable(hold(2, 1, null, "load"))).containsExactly(ours.seq());
    assertThat(leasable(hold(2, 2, null, "load"))).containsExactly(ours.seq(), theirs.seq());
  }

  /** What would be leased; the leases are taken back. */
  private List<Long> leasable(HoldSet holds) {
    return session.call(h -> {
      h.begin();
      try {
        return lease(h, holds, 10).leased().stream().sorted().toList();
      } finally {
        h.rollback();
      }
    });
  }

  @Test
  void what_stands_behind_a_held_one_in_its_key_and_lane_waits_and_nothing_else() {
    QueuedCommand held = submit(Options.DEFAULT);
    session.run(h -> h.execute("update command set operation = 'load' where seq = " + held.seq()));
    submit(Options.DEFAULT);
    QueuedCommand otherKey = submit(Options.DEFAULT.key(8));
    QueuedCommand otherLane = submit(Options.DEFAULT.lane(2));

    Got got = lease(hold(null, null, null, "load"), 10);

    assertThat(got.leased()).containsExactly(otherKey.seq(), otherLane.seq());
    assertThat(got.kept()).containsExactly(1);
  }

  @Test
  void a_held_one_still_ends_at_its_deadline_and_takes_the_result_of_a_lease_that_lives() {
    QueuedCommand over = submit(Options.DEFAULT.key(0).deadline(-1));
    QueuedCommand leased = submit(Options.DEFAULT.key(0));
    assertThat(lease(HoldSet.NONE, 0).leased()).isEmpty();
    List<Integer> counts = session.call(h -> QueueFixture.counts(h, over));
    assertThat(counts).containsExactly(0, 0, 0, 1, 0, 0);
    assertThat(lease(HoldSet.NONE, 1).leased()).containsExactly(leased.seq());
    QueuedCommand late = submit(Options.DEFAULT.key(0).deadline(-1));

    Got got = lease(hold(1, null, null, null), 10);

    assertThat(got.leased()).isEmpty();
    List<Integer> expired = session.call(h -> QueueFixture.counts(h, late));
    assertThat(expired).containsExactly(0, 0, 0, 1, 0, 0);
    Verdict verdict = session.call(h -> queue.report(h, 1, leased, 1, Outcome.SUCCEEDED));
    assertThat(verdict).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void many_held_ones_in_front_hide_nothing_of_the_same_origin_and_lane() {
    List<QueuedCommand> front = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      front.add(submit(Options.DEFAULT.key(0)));
    }
    session.run(h -> h.execute("update command set operation = 'load'"));
    QueuedCommand behind = submit(Options.DEFAULT.key(0));

    assertThat(lease(hold(null, null, null, "load"), 1).leased()).containsExactly(behind.seq());
    assertThat(front).hasSize(40);
  }

  @Test
  void no_server_is_noted_that_nothing_was_kept_from() {
    submit(Options.DEFAULT);

    assertThat(lease(hold(2, null, null, "load"), 10).kept()).isEmpty();
    assertThat(lease(HoldSet.NONE, 10).kept()).isEmpty();
  }
}
