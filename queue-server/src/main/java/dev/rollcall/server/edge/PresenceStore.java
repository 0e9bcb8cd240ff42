// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Handle;

/** The statements that note who polled. */
final class PresenceStore {
  private static final String SEEN =
      """
      insert into server_presence (server_id, last_poll_at, instance, version)
      select u.server_id, clock_timestamp(), u.instance, u.version
      from unnest(:servers::int[], :instances::text[], :versions::text[]) u(server_id, instance, version)
      order by u.server_id
      on conflict (server_id) do update
      set last_poll_at = excluded.last_poll_at, instance = excluded.instance, version = excluded.version
      """;

  private static final String ABILITIES =
      """
      update server_presence set operations = string_to_array(u.operations, ' ')
      from unnest(:servers::int[], :operations::text[]) u(server_id, operations)
      where server_presence.server_id = u.server_id
      """;

  private PresenceStore() {}

  static int write(Handle handle, Map<Integer, Presence.Seen> batch) {
    return handle
        .createUpdate(SEEN)
        .bind("servers", batch.keySet().stream().mapToInt(Integer::intValue).toArray())
        .bind(
            "instances",
            batch.values().stream().map(Presence.Seen::instance).toArray(String[]::new))
        .bind(
            "versions", batch.values().stream().map(Presence.Seen::version).toArray(String[]::new))
        .execute();
  }

  static int writeAbilities(Handle handle, Map<Integer, List<String>> batch) {
    return handle
        .createUpdate(ABILITIES)
        .bind("servers", batch.keySet().stream().mapToInt(Integer::intValue).toArray())
        .bind(
            "operations",
            batch.values().stream()
                .map(operations -> Objects.requireNonNull(String.join(" ", operations)))
                .toArray(String[]::new))
        .execute();
  }
}
