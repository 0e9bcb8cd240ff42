// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.DatabaseExtension;
import dev.rollcall.testkit.Session;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What servers missed is counted with the ends, and found by every node. */
final class ResyncDbTest {
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

  private static Options expired() {
    return Options.DEFAULT.key(0).deadline(-1);
  }

  private Optional<Resyncs.Resync> resync(int server) {
    return one.call(h -> ResyncStore.of(h, QueueFixture.server(server)));
  }

  private long missed(int server) {
    return resync(server).map(Resyncs.Resync::missed).orElse(0L);
  }

  private static boolean look(Handle handle, QueueFixture queue, int server) {
    return queue
        .exchange(handle, new Exchange.Request(QueueFixture.server(server), List.of(), 10, 0))
        .leases()
        .isEmpty();
  }

  private static List<EndStore.Swept> sweep(Handle handle, QueuedCommand command, int... servers) {
    var misses = new Misses();
    List<EndStore.Swept> rows =
        EndStore.sweep(handle, QueueFixture.CELL, command, (short) 1, servers, false);
    rows.stream()
        .filter(row -> row.ends() != null)
        .forEach(row ->
            misses.note(
                row.serverId(),
                command.seq(),
                java.util.Objects.requireNonNull(row.ends()),
                row.leaseNo()));
    misses.write(handle, QueueFixture.CELL);
    return rows;
  }

  @Test
  void what_a_lease_meets_past_its_deadline_was_missed() {
    QueuedCommand first = one.call(h -> queue.submit(h, expired(), 1, 2));
    one.run(h -> queue.submit(h, expired(), 1));

    one.run(h -> look(h, queue, 1));

    Resyncs.Resync resync = resync(1).orElseThrow();
    assertThat(resync.missed()).isEqualTo(2);
    long since = one.call(h -> seqTime(h, first.seq()));
    assertThat(resync.since().toEpochMilli()).isEqualTo(since);
    assertThat(resync(2)).isEmpty();
  }

  private static long seqTime(Handle handle, long seq) {
    return handle
        .createQuery("select round(extract(epoch from seq_time(:seq)) * 1000)::bigint")
        .bind("seq", seq)
        .mapTo(Long.class)
        .one();
  }

  @Test
  void what_was_leased_before_its_deadline_was_not_missed() {
    QueuedCommand command = one.call(h -> queue.submit(h, Options.DEFAULT.key(0).deadline(1), 1));
    one.run(h -> queue.lease(h, 1, 1));
    one.run(h -> h.execute("update command set deadline_at = clock_timestamp() - interval '1 s'"));
    QueuedCommand over =
        one.call(h -> CommandStore.bySeq(h, new long[] {command.seq()}).getFirst());
    one.run(h -> QueueFixture.lapse(h, 1, command));

    List<EndStore.Swept> swept = one.call(h -> h.inTransaction(t -> sweep(t, over, 1)));

    assertThat(swept.getFirst().ends()).isEqualTo(EndState.EXPIRED);
    assertThat(resync(1)).isEmpty();
  }

  @Test
  void two_that_end_something_of_one_server_at_once_add_up() {
    QueuedCommand first = one.call(h -> queue.submit(h, expired(), 1, 2));
    QueuedCommand second = one.call(h -> queue.submit(h, expired(), 1, 2));

    one.begin();
    one.run(h -> sweep(h, first, 1, 2));
    Future<List<EndStore.Swept>> waiting =
        other.start(h -> h.inTransaction(t -> sweep(t, second, 1, 2)));
    other.awaitBlocked(waiting);
    one.commit();

    assertThat(Session.result(waiting)).hasSize(2);
    assertThat(missed(1)).isEqualTo(2);
    assertThat(missed(2)).isEqualTo(2);
  }

  @Test
  void an_acknowledgement_that_waits_for_a_further_miss_does_not_cover_it() {
    QueuedCommand first = one.call(h -> queue.submit(h, expired(), 1));
    QueuedCommand second = one.call(h -> queue.submit(h, expired(), 1));
    one.run(h -> h.inTransaction(t -> sweep(t, first, 1)));
    Resyncs.Resync told = resync(1).orElseThrow();

    one.begin();
    one.run(h -> sweep(h, second, 1));
    Future<Boolean> acknowledged =
        other.start(h -> ResyncStore.acknowledge(h, QueueFixture.server(1), told.id()));
    other.awaitBlocked(acknowledged);
    one.commit();

    assertThat(Session.result(acknowledged)).isFalse();
    assertThat(missed(1)).isEqualTo(2);
  }

  @Test
  void what_commits_late_is_found_by_who_looked_before() {
    QueuedCommand first = one.call(h -> queue.submit(h, expired(), 1));
    QueuedCommand second = one.call(h -> queue.submit(h, expired(), 2));

    one.begin();
    one.run(h -> sweep(h, first, 1));
    other.run(h -> h.inTransaction(t -> sweep(t, second, 2)));
    ResyncStore.Changed before = other.call(h -> ResyncStore.changed(h, 0));
    one.commit();
    ResyncStore.Changed after = other.call(h -> ResyncStore.changed(h, before.horizon()));

    assertThat(before.changes()).containsOnlyKeys(2);
    assertThat(after.changes()).containsKey(1);
    ResyncStore.Changed idle = other.call(h -> ResyncStore.changed(h, after.horizon()));
    assertThat(idle.changes()).isEmpty();
  }
}
