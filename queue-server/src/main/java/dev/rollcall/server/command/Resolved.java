// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.queue.Enqueued;
import dev.rollcall.server.registry.EdgeServer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command's target as it is at this moment.
 *
 * @param registryVersion against which it was resolved
 * @param originId on whose behalf; 0: the federation's operators
 * @param configuration what it acts within; null: nothing
 * @param servers all that are targeted, each once
 * @param refused by server id: why it is not executed there
 * @param taken from quotas, to be given back if it is not accepted
 */
record Resolved(
    long registryVersion,
    short originId,
    @Nullable Within configuration,
    List<EdgeServer> servers,
    Map<Integer, String> refused,
    List<Quotas.Grant> taken) {
  Resolved {
    servers = List.copyOf(servers);
    refused = Map.copyOf(refused);
    taken = List.copyOf(taken);
  }

  /** A configuration as it is at this moment. */
  record Within(int id, String fullName, List<String> hosts, @Nullable Integer customerId) {
    Within {
      hosts = List.copyOf(hosts);
    }
  }

  private record PartKey(short cell, short participantId) {}

  /** The same as the queue wants it. */
  List<Enqueued.Part> parts() {
    Map<PartKey, List<EdgeServer>> byPart = new LinkedHashMap<>();
    servers.stream()
        .sorted(java.util.Comparator.comparingInt(EdgeServer::id))
        .forEach(server ->
            byPart
                .computeIfAbsent(
                    new PartKey(server.cell(), server.participantId()), k -> new ArrayList<>())
                .add(server));
    List<Enqueued.Part> parts = new ArrayList<>();
    byPart.forEach((key, own) ->
        parts.add(
            new Enqueued.Part(
                key.cell,
                key.participantId,
                own.stream().mapToInt(EdgeServer::id).toArray(),
                own.stream()
                    .mapToInt(EdgeServer::id)
                    .filter(id -> !refused.containsKey(id))
                    .toArray(),
                own.stream()
                    .filter(server -> refused.containsKey(server.id()))
                    .map(server ->
                        new Enqueued.Refused(
                            server.id(), key.participantId, refused.getOrDefault(server.id(), "")))
                    .toList())));
    return parts;
  }
}
