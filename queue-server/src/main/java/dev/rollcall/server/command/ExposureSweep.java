// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.HostRule;
import dev.rollcall.protocol.selector.SelectorException;
import dev.rollcall.protocol.selector.Selectors;
import dev.rollcall.server.db.DatabaseErrors;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.EndState;
import dev.rollcall.server.queue.Ends;
import dev.rollcall.server.queue.QueueServer;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.queue.Track;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.registry.Sweeps;
import dev.rollcall.server.verification.Operations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
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

  /** What a page holds in memory, and what is compared with each row of a server's backlog. */
  private static final int MOST_COMMANDS = 1_000;

  private static final long MOST_BYTES = 8L << 20;

  private final Pool pool;
  private final Ends ends;
  private final RegistryService registry;

  ExposureSweep(Pool pool, Ends ends, RegistryService registry) {
    this.pool = pool;
    this.ends = ends;
    this.registry = registry;
  }

  /**
   * Ends what a change of the registry took away.
   *
   * @param goOn asked between transactions
   * @return false when it was told to stop before all was done
   */
  boolean end(Sweeps.Sweep sweep, BooleanSupplier goOn) {
    return sweep.servers().isEmpty()
        ? endWithdrawn(sweep.participantId(), goOn)
        : endRemoved(sweep, goOn);
  }

  private boolean endRemoved(Sweeps.Sweep sweep, BooleanSupplier goOn) {
    var tally = new Tally();
    for (int id :
        pool.withHandle(handle -> ForeignStore.busy(handle, sweep.cell(), sweep.servers()))) {
      if (!goOn.getAsBoolean()) {
        return false;
      }
      var server = new QueueServer(id, sweep.participantId(), sweep.cell());
      tally.add(() -> remove(server, null, Why.REMOVED));
    }
    LOG.info(
        "{} server(s) of {} were removed: {} executions ended",
        sweep.servers().size(),
        registry.current().participantName(sweep.participantId()),
        tally.ended);
    tally.throwIfLocked();
    return true;
  }

  /** Page by page, and of a page all that ends on a server together. */
  private boolean endWithdrawn(short participantId, BooleanSupplier goOn) {
    List<ForeignStore.Open> open =
        pool.withHandle(handle -> ForeignStore.open(handle, participantId));
    // Read after the commands: none of them was accepted under a later version.
    Registry now = registry.refresh();
    var tally = new Tally();
    for (int from = 0, to; from < open.size(); from = to) {
      to = pageEnd(open, from);
      long[] seqs = open.subList(from, to).stream().mapToLong(ForeignStore.Open::seq).toArray();
      List<ForeignStore.OnServers> page =
          pool.withHandle(handle -> ForeignStore.targets(handle, participantId, seqs));
      for (Map.Entry<QueueServer, List<Long>> server :
          withdrawn(now, participantId, page).entrySet()) {
        if (!goOn.getAsBoolean()) {
          return false;
        }
        long[] ofServer = server.getValue().stream().mapToLong(Long::longValue).toArray();
        tally.add(() -> remove(server.getKey(), ofServer, Why.WITHDRAWN));
      }
    }
    LOG.info(
        "{} exposes something else: {} executions ended",
        now.participantName(participantId),
        tally.ended);
    tally.throwIfLocked();
    return true;
  }

  /** What is locked at one server keeps nothing at the others. Confined to one thread. */
  private static final class Tally {
    private int ended;
    private @Nullable RuntimeException locked;

    void add(IntSupplier removal) {
      try {
        ended += removal.getAsInt();
      } catch (RuntimeException e) {
        if (!DatabaseErrors.isContention(e)) {
          throw e;
        }
        locked = e;
      }
    }

    void throwIfLocked() {
      if (locked != null) {
        throw locked;
      }
    }
  }

  private static int pageEnd(List<ForeignStore.Open> open, int from) {
    int to = from + 1;
    long bytes = open.get(from).payloadBytes();
    while (to < open.size() && to - from < MOST_COMMANDS) {
      bytes += open.get(to).payloadBytes();
      if (bytes > MOST_BYTES) {
        break;
      }
      to++;
    }
    return to;
  }

  /** By server: the commands that no exposure allows there any more. */
  private static Map<QueueServer, List<Long>> withdrawn(
      Registry now, short participantId, List<ForeignStore.OnServers> commands) {
    Map<QueueServer, List<Long>> found = new LinkedHashMap<>();
    Map<Permissions.Wish, Map<Integer, Boolean>> known = new HashMap<>();
    for (ForeignStore.OnServers command : commands) {
      Permissions.Wish wish = wish(command.wish());
      Map<Integer, Boolean> ofAlike = known.computeIfAbsent(wish, one -> new HashMap<>());
      for (int id : command.servers()) {
        if (ofAlike.computeIfAbsent(id, one -> isWithdrawn(now, one, wish))) {
          found
              .computeIfAbsent(
                  new QueueServer(id, participantId, command.cell()), one -> new ArrayList<>())
              .add(command.wish().seq());
        }
      }
    }
    return found;
  }

  private static boolean isWithdrawn(Registry now, int id, Permissions.Wish wish) {
    EdgeServer server = now.server(id);
    return server != null
        && !Permissions.isOwn(now, server, wish.originId())
        && Permissions.allowing(now, server, wish) == null;
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
      Permissions.Wish wish = wish(ForeignStore.wish(handle, command.seq()));
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
          remove(
              new QueueServer(id, part.participantId(), part.cell()),
              new long[] {command.seq()},
              why);
        }
      }
    }
  }

  /** Ends a server's executions of some commands, or all it has. */
  private int remove(QueueServer server, long @Nullable [] seqs, Why why) {
    return ends.remove(server, null, seqs, why.state(), why.code());
  }

  static Permissions.Wish wish(ForeignStore.Wish row) {
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
