// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.registry.ChangeRecord;
import dev.rollcall.server.registry.RegistryDiff;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Notes changes of the registry, for each participant what was changed of it, so that each may read
 * its part; and operations.
 */
public final class ChangeAudit implements ChangeRecord {
  /** So many are named; the rest is counted. */
  private static final int MOST_NAMED = 100;

  @Override
  public void registryChanged(Handle handle, RegistryDiff diff) {
    Map<String, ObjectNode> parts = new TreeMap<>();
    diff.created().forEach(item -> add(parts, item.name(), "created", item.kind()));
    diff.changed()
        .forEach(item ->
            add(
                parts,
                item.name(),
                "changed",
                item.kind() + " (" + String.join(", ", item.fields()) + ")"));
    diff.removed().forEach(item -> add(parts, item.name(), "removed", item.kind()));
    Map<String, Short> ids = AuditStore.participants(handle, parts.keySet());
    List<Act> acts = new ArrayList<>();
    parts.forEach((participant, detail) ->
        acts.add(
            Act.by(Caller.current(), "registry-change", "participants/" + participant)
                .concerning(ids.get(participant))
                .with(detail)));
    AuditStore.note(handle, acts);
  }

  private static void add(
      Map<String, ObjectNode> parts, String fullName, String change, String kind) {
    String participant = fullName.split("/", 2)[0];
    ObjectNode detail = parts.computeIfAbsent(participant, name -> Json.MAPPER.createObjectNode());
    String count = change + "Count";
    detail.put(count, detail.path(count).asInt(0) + 1);
    ArrayNode named = detail.withArray("/" + change);
    if (named.size() < MOST_NAMED) {
      named.add(kind + " " + fullName);
    }
  }

  @Override
  public void operationSet(Handle handle, String name) {
    AuditStore.note(handle, Act.by(Caller.current(), "operation-set", "operations/" + name));
  }
}
