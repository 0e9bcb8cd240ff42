// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.registry.Registry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A command that is stored and cannot be read just now, as its request says it must be: whoever
 * gave it must not be told to give it again. What a quota refused is shown as pending, the time is
 * this node's. Stateless.
 */
final class ProvisionalView {
  private ProvisionalView() {}

  static CommandView submitted(
      Registry registry, Caller caller, CommandRequest request, UUID id, Instant now) {
    Resolved resolved =
        Targeting.resolve(registry, caller, request, new Quotas(System::nanoTime), false);
    Resolved.Within within = resolved.configuration();
    boolean ordered = request.target() instanceof Target.OfConfiguration && within != null;
    Options options =
        request
            .options()
            .complete(request.operation(), ordered && within != null ? within.fullName() : null);
    Map<Short, int[]> counts = new TreeMap<>();
    resolved
        .servers()
        .forEach(server -> {
          int[] count = counts.computeIfAbsent(server.participantId(), key -> new int[2]);
          count[0]++;
          count[1] += resolved.refused().containsKey(server.id()) ? 1 : 0;
        });
    List<ReadStore.RollupRow> rollups = new ArrayList<>();
    counts.forEach((participant, count) ->
        rollups.add(new ReadStore.RollupRow(participant, count[0], 0, 0, count[1], 0, 0, 0)));
    boolean ended = resolved.refused().size() == resolved.servers().size();
    return view(
        registry,
        caller,
        new ReadStore.CommandRow(
            0,
            id,
            resolved.originId(),
            within == null ? null : within.customerId(),
            request.operation(),
            request.givenTarget(),
            request.parameters().normalised(),
            Json.MAPPER.<JsonNode>valueToTree(options),
            within == null ? null : within.fullName(),
            resolved.servers().size(),
            null,
            now,
            null,
            null,
            ended ? now : null,
            null,
            (short) 0,
            now,
            now,
            within == null ? null : within.id()),
        rollups);
  }

  /** Servers that have left since are counted: whether they have is not known without looking. */
  static CommandView retried(
      Registry registry, Caller caller, CommandReads.Seen seen, UUID id, Instant now) {
    List<ReadStore.RollupRow> rollups = new ArrayList<>();
    int targeted = 0;
    for (ReadStore.RollupRow row : seen.source().rollups()) {
      int again = row.failed() + row.expired();
      if (again > 0) {
        rollups.add(new ReadStore.RollupRow(row.participantId(), again, 0, 0, 0, 0, 0, 0));
        targeted += again;
      }
    }
    ReadStore.CommandRow of = seen.row();
    return view(registry, caller, copy(of, id, targeted, of.id(), now, null, null), rollups);
  }

  static CommandView cancelled(
      Registry registry, Caller caller, CommandReads.Seen seen, Instant now) {
    ReadStore.CommandRow of = seen.row();
    return view(
        registry,
        caller,
        of.completedAt() != null
            ? of
            : copy(of, of.id(), of.targeted(), of.retryOf(), of.createdAt(), of.startedAt(), now),
        seen.source().rollups());
  }

  private static ReadStore.CommandRow copy(
      ReadStore.CommandRow of,
      UUID id,
      int targeted,
      @Nullable UUID retryOf,
      Instant createdAt,
      @Nullable Instant startedAt,
      @Nullable Instant cancelRequestedAt) {
    return new ReadStore.CommandRow(
        of.seq(),
        id,
        of.originId(),
        of.customerId(),
        of.operation(),
        of.target(),
        of.parameters(),
        of.options(),
        of.configuration(),
        targeted,
        retryOf,
        createdAt,
        startedAt,
        cancelRequestedAt,
        null,
        null,
        of.track(),
        of.asOf(),
        of.queuedAt(),
        of.configurationId());
  }

  private static CommandView view(
      Registry registry,
      Caller caller,
      ReadStore.CommandRow row,
      List<ReadStore.RollupRow> rollups) {
    return CommandView.of(
        new CommandView.Source(row, rollups, Map.of(), row.asOf()),
        registry,
        Visibility.of(caller, row, rollups));
  }
}
