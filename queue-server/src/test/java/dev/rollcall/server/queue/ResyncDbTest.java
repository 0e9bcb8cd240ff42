// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.queue.QueueFixture.Options;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What servers missed is counted with the ends, and found by every node. */
final class ResyncDbTest {
  @RegisterExtension final TwoSessions two = new TwoSessions();

  private static Options expired() {
    return Options.DEFAULT.key(0).deadline(-1);
  }

  private Optional<Resyncs.Resync> resync(int server) {
    return two.one().call(h -> ResyncStore.of(h, QueueFixture.server(server)));
  }

  private long missed(int server) {
    return resync(server).map(Resyncs.Resync::missed).orElse(0L);
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
    QueuedCommand first = two.submit(expired(), 1, 2);
    two.submit(expired(), 1);

    two.lease(1, 10);

    Resyncs.Resync resync = resync(1).orElseThrow();
    assertThat(resync.missed()).isEqualTo(2);
    long since = two.one().call(h -> seqTime(h, first.seq()));
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
    QueuedCommand command = two.leased(Options.DEFAULT.key(0).deadline(1));
    two.one()
        .run(h -> h.execute("update command set deadline_at = clock_timestamp() - interval '1 s'"));
    QueuedCommand over =
        two.one().call(h -> CommandStore.bySeq(h, new long[] {command.seq()}).getFirst());
    two.lapse(command);

    List<EndStore.Swept> swept = two.one().call(h -> h.inTransaction(t -> sweep(t, over, 1)));

    assertThat(swept.getFirst().ends()).isEqualTo(EndState.EXPIRED);
    assertThat(resync(1)).isEmpty();
  }

  @Test
  void two_that_end_something_of_one_server_at_once_add_up() {
    QueuedCommand first = two.submit(expired(), 1, 2);
    QueuedCommand second = two.submit(expired(), 1, 2);

    List<EndStore.Swept> swept =
        two.behind(h -> sweep(h, first, 1, 2), h -> h.inTransaction(t -> sweep(t, second, 1, 2)));

    assertThat(swept).hasSize(2);
    assertThat(missed(1)).isEqualTo(2);
    assertThat(missed(2)).isEqualTo(2);
  }

  @Test
  void an_acknowledgement_that_waits_for_a_further_miss_does_not_cover_it() {
    QueuedCommand first = two.submit(expired(), 1);
    QueuedCommand second = two.submit(expired(), 1);
    two.one().run(h -> h.inTransaction(t -> sweep(t, first, 1)));
    Resyncs.Resync told = resync(1).orElseThrow();

    boolean acknowledged =
        two.behind(
            h -> sweep(h, second, 1),
            h -> ResyncStore.acknowledge(h, QueueFixture.server(1), told.id()));

    assertThat(acknowledged).isFalse();
    assertThat(missed(1)).isEqualTo(2);
  }

  @Test
  void what_commits_late_is_found_by_who_looked_before() {
    QueuedCommand first = two.submit(expired(), 1);
    QueuedCommand second = two.submit(expired(), 2);

    two.one().begin();
    two.one().run(h -> sweep(h, first, 1));
    two.other().run(h -> h.inTransaction(t -> sweep(t, second, 2)));
    ResyncStore.Changed before = two.other().call(h -> ResyncStore.changed(h, 0));
    two.one().commit();
    ResyncStore.Changed after = two.other().call(h -> ResyncStore.changed(h, before.horizon()));

    assertThat(before.changes()).containsOnlyKeys(2);
    assertThat(after.changes()).containsKey(1);
    ResyncStore.Changed idle = two.other().call(h -> ResyncStore.changed(h, after.horizon()));
    assertThat(idle.changes()).isEmpty();
  }
}
