// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.QueueFixture.Options;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is no longer read, and that nothing is missed for it. */
final class FloorsDbTest {
  @RegisterExtension final TwoSessions two = new TwoSessions();

  private Pool pool;
  private Floors floors;

  @BeforeEach
  void open() {
    var address = new DatabaseAddress(two.database().jdbcUrl(), null, null);
    pool = Pool.open(address, Pool.Purpose.EDGE, 2);
    floors = new Floors(pool);
  }

  @AfterEach
  void close() {
    floors.close();
    pool.close();
  }

  /** Once to mark a place, once to find that it is in sight. */
  private void look() {
    floors.look();
    floors.look();
  }

  private List<Exchange.Lease> lease(int want) {
    return run(new Exchange.Request(QueueFixture.server(1), List.of(), want, 0));
  }

  private List<Exchange.Lease> run(Exchange.Request request) {
    return ExchangeBatch.inTransaction(
            pool,
            QueueFixture.CELL,
            two.queue().index(),
            List.of(request),
            HoldSet.NONE,
            floors.era())
        .answers()
        .getFirst()
        .leases();
  }

  private void settle(List<Exchange.Lease> leases) {
    List<ReportedResult> results =
        leases.stream()
            .map(lease ->
                QueueFixture.result(1, lease.command(), lease.leaseNo(), Outcome.SUCCEEDED))
            .toList();
    var _ = run(new Exchange.Request(QueueFixture.server(1), results, Exchange.NOTHING, 0));
  }

  @Test
  void a_poll_does_not_walk_over_what_was_settled_while_an_old_snapshot_is_held() {
    settleManyBehindASnapshot();
    QueuedCommand next = two.submit(Options.DEFAULT.key(0), 1);

    long walking = pages(Floors.Era.unknown());
    look();
    assertThat(QueueFixture.seqs(lease(1))).containsExactly(next.seq());
    long skipping = pages(floors.era());

    assertThat(walking).as("pages with no floor").isGreaterThan(300);
    assertThat(skipping).as("pages with a floor").isLessThan(60);
    two.other().rollback();
  }

  @Test
  void a_poll_of_an_empty_queue_does_not_walk_either() {
    look();
    settle(leased());
    settleManyBehindASnapshot();
    look();
    assertThat(lease(10)).isEmpty();

    assertThat(pages(floors.era())).isLessThan(60);
    two.other().rollback();
  }

  @Test
  void what_stays_in_front_does_not_bring_the_walk_back() {
    List<Exchange.Lease> stays = leased();
    look();
    for (int i = 0; i < 20; i++) {
      assertThat(lease(10)).isEmpty();
    }
    settleManyBehindASnapshot();
    look();
    assertThat(lease(10)).isEmpty();

    assertThat(pages(floors.era())).isLessThan(60);
    two.other().rollback();
    two.one().run(handle -> QueueFixture.lapse(handle, 1, stays.getFirst().command()));
    assertThat(QueueFixture.seqs(lease(10))).containsExactly(stays.getFirst().command().seq());
  }

  private void settleManyBehindASnapshot() {
    two.other()
        .run(handle -> {
          handle.execute("begin isolation level repeatable read");
          handle.execute("select count(*) from queue");
        });
    two.one()
        .run(handle -> {
          handle.execute(
              """
              insert into queue (seq, server_id, cell, track)
              select take_seqs(1), 1, 0, %s from generate_series(1, 20000)
              """
                  .formatted(Track.of(1, 1)));
          handle.execute("delete from queue where server_id = 1 and lease_no = 0");
        });
  }

  /** What the looking of one poll touches, which takes nothing. */
  private long pages(Floors.Era era) {
    return pool.withHandle(handle -> {
      PlanLog log = PlanLog.on(handle);
      var _ = windows(handle, era);
      return log.take(handle).stream().mapToLong(PlanLog.Explained::pages).sum();
    });
  }

  private static Windows windows(Handle handle, Floors.Era era) {
    var request = new Exchange.Request(QueueFixture.server(1), List.of(), 10, 0);
    return Windows.read(handle, QueueFixture.CELL, List.of(request), 6, era);
  }

  @Test
  void what_is_committed_late_is_still_handed_out() {
    two.one().begin();
    QueuedCommand late = two.submit(Options.DEFAULT.key(1), 1);
    for (int i = 0; i < 5; i++) {
      two.other().run(handle -> two.queue().submit(handle, Options.DEFAULT.key(2), 1));
      look();
      List<Exchange.Lease> leases = lease(5);
      assertThat(leases).hasSize(1);
      settle(leases);
    }
    look();
    assertThat(lease(5)).isEmpty();
    two.one().commit();

    assertThat(QueueFixture.seqs(lease(5))).containsExactly(late.seq());
  }

  @Test
  void what_the_only_writer_commits_late_is_still_handed_out() {
    look();
    settle(leased());
    two.one().begin();
    QueuedCommand first = two.submit(Options.DEFAULT.key(2), 1);
    QueuedCommand second = two.submit(Options.DEFAULT.key(3), 1);
    look();
    assertThat(lease(5)).isEmpty();
    two.one().commit();

    assertThat(QueueFixture.seqs(lease(5))).containsExactly(first.seq(), second.seq());
  }

  @Test
  void what_goes_back_to_its_place_is_still_handed_out() {
    QueuedCommand first = two.submit(Options.DEFAULT.key(0), 1);
    QueuedCommand second = two.submit(Options.DEFAULT.key(0), 1);
    List<Exchange.Lease> leases = lease(5);
    settle(leases.subList(1, 2));
    look();
    assertThat(lease(5)).isEmpty();

    ReportedResult released = QueueFixture.result(1, first, 1, Outcome.RELEASED);
    List<Exchange.Lease> again =
        run(new Exchange.Request(QueueFixture.server(1), List.of(released), 5, 0));

    assertThat(QueueFixture.seqs(again)).containsExactly(first.seq());
    assertThat(second.seq()).isGreaterThan(first.seq());
  }

  @Test
  void a_settlement_that_is_rolled_back_hides_nothing() {
    QueuedCommand first = two.submit(Options.DEFAULT.key(0), 1);
    QueuedCommand second = two.submit(Options.DEFAULT.key(0), 1);
    List<Exchange.Lease> leases = lease(5);
    settle(leases.subList(1, 2));
    look();
    assertThat(lease(5)).as("the track is known from here on").isEmpty();
    two.other().begin();
    two.other()
        .run(handle -> handle.execute("select from rollup where seq = ? for update", first.seq()));
    ReportedResult result = QueueFixture.result(1, first, 1, Outcome.SUCCEEDED);

    assertThatThrownBy(
            () -> run(new Exchange.Request(QueueFixture.server(1), List.of(result), 5, 0)))
        .as("its counter is held by another")
        .isInstanceOf(RuntimeException.class);
    two.other().rollback();
    two.one().run(handle -> QueueFixture.lapse(handle, 1, first));

    assertThat(QueueFixture.seqs(lease(5))).containsExactly(first.seq());
    assertThat(second.seq()).isGreaterThan(first.seq());
  }

  @Test
  void a_settlement_whose_commit_fails_hides_nothing() {
    QueuedCommand first = two.submit(Options.DEFAULT.key(0), 1);
    two.submit(Options.DEFAULT.key(0), 1);
    List<Exchange.Lease> leases = lease(5);
    settle(leases.subList(1, 2));
    look();
    assertThat(lease(5)).as("the track is known from here on").isEmpty();
    two.one()
        .run(handle -> {
          handle.execute(
              "create function refuse() returns trigger language plpgsql as"
                  + " 'begin raise exception ''not now''; end'");
          handle.execute(
              "create constraint trigger refuse after update on rollup deferrable initially"
                  + " deferred for each row execute function refuse()");
        });
    ReportedResult result = QueueFixture.result(1, first, 1, Outcome.SUCCEEDED);

    assertThatThrownBy(
            () -> run(new Exchange.Request(QueueFixture.server(1), List.of(result), 5, 0)))
        .hasStackTraceContaining("not now");
    two.one().run(handle -> handle.execute("drop trigger refuse on rollup"));
    two.lapse(first);

    assertThat(QueueFixture.seqs(lease(5))).containsExactly(first.seq());
  }

  @Test
  void another_start_of_the_database_makes_everything_forgotten() {
    settle(leased());
    look();
    assertThat(lease(1)).isEmpty();
    Floors.Era before = floors.era();
    assertThat(before.inSight()).isPositive();

    FloorStore.Sight now = pool.withHandle(FloorStore::sight);
    floors.take(
        new FloorStore.Sight(now.place(), now.oldest(), now.own(), now.databaseStart() + 1));

    assertThat(floors.era().inSight()).isEqualTo(Long.MIN_VALUE);
    assertThat(floors.era().of(1)).isSameAs(Tracks.UNKNOWN);
    before.learn(1, before.of(1).after(before.inSight(), List.of()));
    assertThat(floors.era().of(1)).as("what was read before is too late").isSameAs(Tracks.UNKNOWN);
  }

  private List<Exchange.Lease> leased() {
    QueuedCommand command = two.submit(Options.DEFAULT, 1);
    List<Exchange.Lease> leases = lease(1);
    assertThat(QueueFixture.seqs(leases)).containsExactly(command.seq());
    return leases;
  }
}
