// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.testkit.DatabaseExtension;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When upkeep looks at a command again, also when a node that was paused has its say late. */
final class LifecycleDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private UUID due(Handle handle) {
    UUID id = UUID.randomUUID();
    handle.execute(
        """
        insert into command (seq, id, origin_id, created_by, operation, target, parameters, options, ordering_key,
          ordering_hash, lane, lease_seconds, max_attempts, payload_bytes, targeted, deadline_at, queued_at, upkeep_at)
        values (1, ?, 1, 'test', 'purge', '{}', '{}', '{}', '', 0, 1, 60, 5, 300, 5000,
          now() + interval '1 day', now(), now() - interval '1 s')
        """,
        id);
    return id;
  }

  private static double secondsUntilUpkeep(Handle handle) {
    return handle
        .createQuery(
            "select extract(epoch from upkeep_at - clock_timestamp())::float8 from command")
        .mapTo(Double.class)
        .one();
  }

  @Test
  void who_looked_after_a_command_puts_it_off() {
    try (Handle handle = database.get().jdbi().open()) {
      due(handle);
      LifecycleStore.Open seen = LifecycleStore.due(handle, 10).getFirst();

      LifecycleStore.lookAgain(handle, seen, 600);

      assertThat(secondsUntilUpkeep(handle)).isBetween(590.0, 601.0);
      assertThat(LifecycleStore.due(handle, 10)).isEmpty();
    }
  }

  @Test
  void who_did_not_see_the_cancel_does_not_put_it_off() {
    try (Handle handle = database.get().jdbi().open()) {
      UUID id = due(handle);
      LifecycleStore.Open seen = LifecycleStore.due(handle, 10).getFirst();
      assertThat(LifecycleStore.askCancel(handle, id)).isPresent();

      LifecycleStore.lookAgain(handle, seen, 600);

      assertThat(secondsUntilUpkeep(handle)).isLessThan(1);
      assertThat(LifecycleStore.due(handle, 10))
          .singleElement()
          .matches(LifecycleStore.Open::cancelAsked);
    }
  }

  @Test
  void a_node_that_comes_late_does_not_undo_what_another_one_decided() {
    try (Handle handle = database.get().jdbi().open()) {
      due(handle);
      LifecycleStore.Open seenByTheLate = LifecycleStore.due(handle, 10).getFirst();
      LifecycleStore.Open seen = LifecycleStore.due(handle, 10).getFirst();
      LifecycleStore.lookAgain(handle, seen, 60);

      LifecycleStore.lookAgain(handle, seenByTheLate, 3_000);

      assertThat(secondsUntilUpkeep(handle)).isLessThan(61);
    }
  }
}
