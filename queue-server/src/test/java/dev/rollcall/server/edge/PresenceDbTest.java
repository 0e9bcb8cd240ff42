// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.edge.PollRequest;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.testkit.DatabaseExtension;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What pollers can do, as the registry is told of it. */
final class PresenceDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private Pool pool;
  private RegistryService registry;
  private Presence presence;
  private int server;
  private long nanos;

  @BeforeEach
  void open() {
    server =
        database
            .get()
            .jdbi()
            .withHandle(handle -> {
              handle.execute(
                  "insert into participant (name, delivery, scope) values ('alpha', 'poll',"
                      + " 'all')");
              return handle
                  .createQuery(
                      "insert into server (participant_id, name) select id, 'lax-01' from"
                          + " participant where name = 'alpha' returning id")
                  .mapTo(Integer.class)
                  .one();
            });
    pool =
        Pool.open(
            new DatabaseAddress(database.get().jdbcUrl(), null, null), Pool.Purpose.SUBMIT, 2);
    registry = new RegistryService(pool, pool);
    presence = new Presence(pool, registry, () -> nanos);
  }

  @AfterEach
  void close() {
    registry.close();
    pool.close();
  }

  private void polls(String... operations) {
    presence.polled(server, new PollRequest.PollerInfo("i", "1", List.of(operations)));
    presence.write();
  }

  private Set<String> operations() {
    return Objects.requireNonNull(
        Objects.requireNonNull(registry.current().server(server)).operations());
  }

  @Test
  void what_a_poller_can_do_is_taken_over_at_its_first_poll() {
    polls("load", "purge");

    assertThat(operations()).containsExactlyInAnyOrder("load", "purge");
  }

  @Test
  void two_pollers_that_disagree_do_not_change_the_registry_at_each_of_their_polls() {
    polls("purge");
    long version = registry.current().version();

    for (int i = 0; i < 5; i++) {
      polls("load", "purge");
      polls("purge");
    }
    assertThat(registry.current().version()).isEqualTo(version);

    nanos += Duration.ofMinutes(1).toNanos();
    polls("load", "purge");
    polls("purge");
    assertThat(registry.current().version()).isEqualTo(version + 1);
    assertThat(operations()).containsExactlyInAnyOrder("load", "purge");
  }
}
