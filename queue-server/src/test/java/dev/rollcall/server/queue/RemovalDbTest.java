// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.server.telemetry.Metrics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The removal of a server while results of it are being settled: nothing of it stays. */
final class RemovalDbTest {
  @RegisterExtension final TwoSessions two = new TwoSessions();

  private final Told told = new Told();
  private Pool pool;
  private Ends ends;

  /** What the server's polls are told. */
  private static final class Told implements QueueListener {
    private final List<Exchange.Held> broken = new ArrayList<>();

    @Override
    public void wake(Collection<Integer> serverIds) {
      assertThat(serverIds).containsExactly(1);
    }

    @Override
    public void cancelled(int serverId, Exchange.Held lease) {
      assertThat(serverId).isEqualTo(1);
      broken.add(lease);
    }

    @Override
    public void missed(Collection<Integer> serverIds) {}

    @Override
    public void completed(Collection<Long> seqs) {}
  }

  @BeforeEach
  void open() {
    pool =
        Pool.open(
            new DatabaseAddress(two.database().jdbcUrl(), null, null), Pool.Purpose.UPKEEP, 2);
    ends =
        new Ends(
            pool, new Completion(pool, new Metrics(), String::valueOf, QueueFixture.NOBODY), told);
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private int remove() {
    return ends.remove(QueueFixture.server(1), null, null, EndState.CANCELLED, "server-removed");
  }

  @Test
  void it_ends_what_a_settlement_puts_back_while_it_waits() throws Exception {
    QueuedCommand alone = two.submit(Options.DEFAULT, 1);
    assertThat(removedBehindRelease(alone)).isEqualTo(1);
    assertThat(two.results(alone)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void it_ends_what_is_put_back_also_when_it_ends_something_else() throws Exception {
    QueuedCommand first = two.submit(Options.DEFAULT, 1);
    QueuedCommand second = two.submit(Options.DEFAULT, 1);
    assertThat(removedBehindRelease(first)).isEqualTo(2);
    assertThat(two.results(first)).isEqualTo(Map.of("cancelled", 1));
    assertThat(two.results(second)).isEqualTo(Map.of("cancelled", 1));
  }

  private int removedBehindRelease(QueuedCommand command) throws Exception {
    assertThat(two.lease(1, 1)).hasSize(1);
    two.one().begin();
    two.one().run(h -> two.queue().report(h, 1, command, 1, Outcome.RELEASED));
    try (var threads = Executors.newSingleThreadExecutor()) {
      Future<Integer> removal = threads.submit(this::remove);
      two.one().awaitBlocking(removal);
      two.one().commit();
      return removal.get();
    }
  }

  @Test
  void it_goes_on_until_everything_has_ended() {
    two.one()
        .run(h -> {
          for (int i = 0; i < Ends.CHUNK + 1; i++) {
            two.queue().submit(h, Options.DEFAULT, 1);
          }
        });
    assertThat(remove()).isEqualTo(Ends.CHUNK + 1);
  }

  @Test
  void of_what_it_ends_the_server_is_told_which_leases_are_broken() throws Exception {
    QueuedCommand live = two.submit(Options.DEFAULT.key(1), 1);
    QueuedCommand lapsed = two.submit(Options.DEFAULT.key(2), 1);
    assertThat(two.lease(1, 2)).hasSize(2);
    two.submit(Options.DEFAULT.key(3), 1);
    two.lapse(live, lapsed);
    two.one().begin();
    two.one().run(h -> assertThat(two.queue().lease(h, 1, 1)).hasSize(1));
    try (var threads = Executors.newSingleThreadExecutor()) {
      Future<Integer> removal = threads.submit(this::remove);
      two.one().awaitBlocking(removal);
      two.one().commit();
      assertThat(removal.get()).isEqualTo(3);
    }

    assertThat(told.broken).containsExactly(new Exchange.Held(live, 2));
  }
}
