// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.testkit.DatabaseExtension;
import dev.rollcall.testkit.Session;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The removal of a server while results of it are being settled: nothing of it stays. */
final class RemovalDbTest {
  private static final QueueListener NOBODY =
      new QueueListener() {
        @Override
        public void wake(Collection<Integer> serverIds) {}

        @Override
        public void cancelled(int serverId, Exchange.Held lease) {}

        @Override
        public void missed(Collection<Integer> serverIds) {}

        @Override
        public void completed(Collection<Long> seqs) {}
      };

  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private QueueFixture queue;
  private Pool pool;
  private Ends ends;
  private Session one;

  @BeforeEach
  void open() {
    queue = new QueueFixture(database.get());
    pool =
        Pool.open(
            new DatabaseAddress(database.get().jdbcUrl(), null, null), Pool.Purpose.UPKEEP, 2);
    ends = new Ends(pool, new Completion(pool, new Metrics(), String::valueOf, NOBODY), NOBODY);
    one = database.get().session();
  }

  @AfterEach
  void close() {
    one.close();
    pool.close();
  }

  private int remove() {
    return ends.remove(QueueFixture.server(1), null, null, EndState.CANCELLED, "server-removed");
  }

  @Test
  void it_ends_what_a_settlement_puts_back_while_it_waits() throws Exception {
    QueuedCommand alone = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    assertThat(removedBehindRelease(alone)).isEqualTo(1);
    assertThat(results(alone)).isEqualTo(Map.of("cancelled", 1));
  }

  @Test
  void it_ends_what_is_put_back_also_when_it_ends_something_else() throws Exception {
    QueuedCommand first = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    QueuedCommand second = one.call(h -> queue.submit(h, Options.DEFAULT, 1));
    assertThat(removedBehindRelease(first)).isEqualTo(2);
    assertThat(results(first)).isEqualTo(Map.of("cancelled", 1));
    assertThat(results(second)).isEqualTo(Map.of("cancelled", 1));
  }

  private int removedBehindRelease(QueuedCommand command) throws Exception {
    one.run(h -> assertThat(queue.lease(h, 1, 1)).hasSize(1));
    one.begin();
    one.run(h -> queue.report(h, 1, command, 1, Outcome.RELEASED));
    try (var threads = Executors.newSingleThreadExecutor()) {
      Future<Integer> removal = threads.submit(this::remove);
      one.awaitBlocking(removal);
      one.commit();
      return removal.get();
    }
  }

  @Test
  void it_goes_on_until_everything_has_ended() {
    one.run(h -> {
      for (int i = 0; i < Ends.CHUNK + 1; i++) {
        queue.submit(h, Options.DEFAULT, 1);
      }
    });
    assertThat(remove()).isEqualTo(Ends.CHUNK + 1);
  }

  private Map<String, Integer> results(QueuedCommand command) {
    return one.call(h -> QueueFixture.results(h, command));
  }
}
