// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.verification;

import dev.rollcall.protocol.json.Json;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;

/** The statements on operations that operators added. */
final class OperationStore {
  private OperationStore() {}

  static Map<String, JsonNode> load(Handle handle) {
    Map<String, JsonNode> found = new HashMap<>();
    handle
        .createQuery("select name, parameters_schema::text from operation")
        .map((rs, context) -> found.put(rs.getString(1), Json.MAPPER.readTree(rs.getString(2))))
        .list();
    return found;
  }

  static void put(Handle handle, String name, JsonNode schema) {
    handle
        .createUpdate(
            """
            insert into operation (name, parameters_schema) values (:name, :schema::jsonb)
            on conflict (name) do update set parameters_schema = excluded.parameters_schema
            """)
        .bind("name", name)
        .bind("schema", schema.toString())
        .execute();
  }
}
