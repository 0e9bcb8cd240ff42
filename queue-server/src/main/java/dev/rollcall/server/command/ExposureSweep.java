// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.HostRule;
import dev.rollcall.protocol.selector.SelectorException;
import dev.rollcall.protocol.selector.Selectors;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.EndState;
import dev.rollcall.server.queue.Ends;
import dev.rollcall.server.queue.QueueServer;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.verification.Operations;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what a change of the registry no longer allows: executions on servers that were removed, and
 * those of another participant under an exposure that was withdrawn. Thread-safe.
 */
final class ExposureSweep {
  private static final Logger LOG = LoggerFactory.getLogger(ExposureSweep.class);

  private final Pool pool;
  private final Ends ends;

  ExposureSweep(Pool pool, Ends ends) {
    this.pool = pool;
    this.ends = ends;
  }

  /** What another participant's command is to do here. */
  private record Foreign(long seq, Permissions.Wish wish, short cell, int[] servers) {}

  /** Ends what the difference between two versions of the registry ends. */
  void afterChange(Registry before, Registry now) {
    Set<Integer> present = now.servers().stream().map(EdgeServer::id).collect(Collectors.toSet());
    for (EdgeServer server : before.servers()) {
      if (!present.contains(server.id())) {
        int ended = remove(server.id(), server.participantId(), server.cell(), null);
        LOG.info("{} was removed: {} executions ended", server.fullName(), ended);
      }
    }
    for (Participant participant : now.participants()) {
      Participant earlier = before.participant(participant.id());
      if (earlier != null && !earlier.exposures().equals(participant.exposures())) {
        recheck(now, participant.id(), null);
      }
    }
  }

  /** Ends a removed server's executions; of one command, or all. */
  int remove(int serverId, short participantId, short cell, @Nullable Long seq) {
    return ends.remove(
        new QueueServer(serverId, participantId, cell),
        null,
        seq == null ? null : new long[] {seq},
        EndState.CANCELLED,
        "server-removed");
  }

  /** Ends what others may no longer do on a participant's servers; of one command, or of all. */
  void recheck(Registry registry, short participantId, @Nullable Long seq) {
    for (Foreign foreign : foreign(participantId, seq)) {
      for (int id : foreign.servers()) {
        EdgeServer server = registry.server(id);
        if (server != null
            && !Permissions.isOwn(registry, server, foreign.wish().originId())
            && Permissions.allowing(registry, server, foreign.wish()) == null) {
          ends.remove(
              new QueueServer(id, participantId, foreign.cell()),
              (int) foreign.wish().originId(),
              new long[] {foreign.seq()},
              EndState.REJECTED,
              Permissions.EXPOSURE);
        }
      }
    }
  }

  private List<Foreign> foreign(short participantId, @Nullable Long seq) {
    return pool.withHandle(handle -> LifecycleStore.foreign(handle, participantId, seq)).stream()
        .map(row ->
            new Foreign(
                row.seq(),
                wish(row.originId(), row.operation(), row.parameters(), row.hosts()),
                row.cell(),
                row.servers()))
        .toList();
  }

  private static Permissions.Wish wish(
      short originId, String operation, String parameters, @Nullable String hosts) {
    Selectors selectors = null;
    if (Operations.isBuiltIn(operation)) {
      var problems = new Problems();
      selectors =
          Selectors.read(Fields.of(Json.MAPPER.readTree(parameters), "", problems), problems);
    }
    List<HostRule> rules = new ArrayList<>();
    for (String host : Objects.requireNonNullElse(hosts, "").split(" ", -1)) {
      if (!host.isEmpty()) {
        rules.add(stored(host));
      }
    }
    return new Permissions.Wish(originId, operation, Permissions.hosts(selectors, rules));
  }

  private static HostRule stored(String host) {
    try {
      return HostRule.parse(host);
    } catch (SelectorException e) {
      throw new IllegalStateException("a host in the database is none: " + host, e);
    }
  }
}
