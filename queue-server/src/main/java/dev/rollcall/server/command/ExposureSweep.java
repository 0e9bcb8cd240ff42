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
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.queue.Track;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.verification.Operations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
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
        int ended =
            remove(
                new QueueServer(server.id(), server.participantId(), server.cell()),
                null,
                Why.REMOVED);
        LOG.info("{} was removed: {} executions ended", server.fullName(), ended);
      }
    }
    for (Participant participant : now.participants()) {
      Participant earlier = before.participant(participant.id());
      if (earlier != null && !earlier.exposures().equals(participant.exposures())) {
        recheck(now, participant.id());
      }
    }
  }

  /** Why a command may not be executed on a server any more, and how that ends. */
  enum Why {
    REMOVED(EndState.CANCELLED, "server-removed"),
    WITHDRAWN(EndState.REJECTED, Permissions.EXPOSURE);

    private final EndState state;
    private final String code;

    Why(EndState state, String code) {
      this.state = state;
      this.code = code;
    }

    EndState state() {
      return state;
    }

    String code() {
      return code;
    }
  }

  /** By server of its target: why one command may not be executed there. */
  Map<Integer, Why> forbidden(
      Handle handle, Registry now, QueuedCommand command, List<Ends.Part> parts) {
    Map<Integer, Why> found = new HashMap<>();
    List<EdgeServer> foreign = new ArrayList<>();
    for (Ends.Part part : parts) {
      for (int id : part.servers()) {
        EdgeServer server = now.server(id);
        if (server == null) {
          found.put(id, Why.REMOVED);
        } else if (!Permissions.isOwn(now, server, (short) Track.origin(command.track()))) {
          foreign.add(server);
        }
      }
    }
    if (!foreign.isEmpty()) {
      Permissions.Wish wish = wish(LifecycleStore.wish(handle, command.seq()));
      foreign.stream()
          .filter(server -> Permissions.allowing(now, server, wish) == null)
          .forEach(server -> found.put(server.id(), Why.WITHDRAWN));
    }
    return found;
  }

  /** Ends what one command may not do any more. */
  void endForbidden(Registry now, QueuedCommand command, List<Ends.Part> parts) {
    Map<Integer, Why> open =
        pool.withHandle(handle -> {
          Map<Integer, Why> found = forbidden(handle, now, command, parts);
          if (!found.isEmpty()) {
            LifecycleStore.ended(handle, command.seq()).forEach(found::remove);
          }
          return found;
        });
    for (Ends.Part part : open.isEmpty() ? List.<Ends.Part>of() : parts) {
      for (int id : part.servers()) {
        Why why = open.get(id);
        if (why != null) {
          remove(new QueueServer(id, part.participantId(), part.cell()), command.seq(), why);
        }
      }
    }
  }

  /** Ends a server's execution of one command, or of all. */
  private int remove(QueueServer server, @Nullable Long seq, Why why) {
    return ends.remove(
        server, null, seq == null ? null : new long[] {seq}, why.state(), why.code());
  }

  /** Ends what others may no longer do on a participant's servers. */
  private void recheck(Registry registry, short participantId) {
    for (Foreign foreign : foreign(participantId)) {
      for (int id : foreign.servers()) {
        EdgeServer server = registry.server(id);
        if (server != null
            && !Permissions.isOwn(registry, server, foreign.wish().originId())
            && Permissions.allowing(registry, server, foreign.wish()) == null) {
          remove(new QueueServer(id, participantId, foreign.cell()), foreign.seq(), Why.WITHDRAWN);
        }
      }
    }
  }

  private List<Foreign> foreign(short participantId) {
    return pool.withHandle(handle -> LifecycleStore.foreign(handle, participantId)).stream()
        .map(row -> new Foreign(row.wish().seq(), wish(row.wish()), row.cell(), row.servers()))
        .toList();
  }

  private static Permissions.Wish wish(LifecycleStore.WishRow row) {
    Selectors selectors = null;
    if (Operations.isBuiltIn(row.operation())) {
      var problems = new Problems();
      selectors =
          Selectors.read(Fields.of(Json.MAPPER.readTree(row.parameters()), "", problems), problems);
    }
    List<HostRule> rules = new ArrayList<>();
    for (String host : Objects.requireNonNullElse(row.hosts(), "").split(" ", -1)) {
      if (!host.isEmpty()) {
        rules.add(stored(host));
      }
    }
    return new Permissions.Wish(
        row.originId(), row.operation(), Permissions.hosts(selectors, rules));
  }

  private static HostRule stored(String host) {
    try {
      return HostRule.parse(host);
    } catch (SelectorException e) {
      throw new IllegalStateException("a host in the database is none: " + host, e);
    }
  }
}
