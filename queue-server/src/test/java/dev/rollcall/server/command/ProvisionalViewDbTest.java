// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.testkit.TestDatabase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of a retry and of a cancel that are stored and cannot be read. */
final class ProvisionalViewDbTest {
  private static final Caller OPERATOR = new Caller(Role.OPERATOR, null, null, null, null);
  private static final Instant THEN = Instant.parse("2026-01-31T22:00:00Z");
  private static final Instant NOW = THEN.plusSeconds(60);

  private TestDatabase database;
  private Pool pool;
  private Registry registry;

  @BeforeEach
  void open() {
    database = TestDatabase.migrated();
    pool = Pool.open(new DatabaseAddress(database.jdbcUrl(), null, null), Pool.Purpose.READ, 1);
    registry = new RegistryService(pool, pool).current();
  }

  @AfterEach
  void close() {
    pool.close();
    database.close();
  }

  private static CommandReads.Seen seen(
      @Nullable Instant completedAt, ReadStore.RollupRow... rollups) {
    var row =
        new ReadStore.CommandRow(
            7,
            new UUID(1, 1),
            (short) 1,
            null,
            "probe",
            Json.MAPPER.createObjectNode(),
            Json.MAPPER.createObjectNode(),
            Json.MAPPER.createObjectNode(),
            null,
            5,
            null,
            THEN,
            THEN,
            null,
            completedAt,
            completedAt == null ? null : "failed",
            (short) 1,
            THEN,
            THEN,
            null);
    return new CommandReads.Seen(
        new CommandView.Source(row, List.of(rollups), Map.of(), THEN), new Visibility.Whole());
  }

  @Test
  void a_retry_is_for_what_failed_or_expired_and_all_of_it_is_pending() {
    CommandReads.Seen failed =
        seen(
            THEN,
            new ReadStore.RollupRow((short) 1, 3, 1, 1, 0, 1, 0, 0),
            new ReadStore.RollupRow((short) 2, 2, 1, 0, 1, 0, 0, 0));
    UUID id = new UUID(2, 2);

    CommandView view = ProvisionalView.retried(registry, OPERATOR, failed, id, NOW);

    assertThat(view.id()).isEqualTo(id);
    assertThat(view.retryOf()).isEqualTo(failed.row().id());
    assertThat(view.state()).isEqualTo("pending");
    assertThat(view.createdAt()).isEqualTo(NOW);
    assertThat(view.completedAt()).isNull();
    assertThat(view.totals().targeted()).isEqualTo(2);
    assertThat(view.totals().pending()).isEqualTo(2);
    assertThat(view.participants()).hasSize(1);
  }

  @Test
  void a_cancel_is_shown_as_asked_for_and_an_ended_command_as_it_is() {
    var rollup = new ReadStore.RollupRow((short) 1, 3, 1, 0, 0, 0, 0, 0);
    var ended = new ReadStore.RollupRow((short) 1, 3, 3, 0, 0, 0, 0, 0);

    assertThat(ProvisionalView.cancelled(registry, OPERATOR, seen(null, rollup), NOW).state())
        .isEqualTo("cancelling");
    assertThat(ProvisionalView.cancelled(registry, OPERATOR, seen(THEN, ended), NOW).state())
        .isEqualTo("complete");
  }
}
