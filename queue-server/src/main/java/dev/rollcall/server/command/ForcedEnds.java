// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.auth.Act;
import dev.rollcall.server.auth.AuditStore;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.Ends;
import dev.rollcall.server.queue.QueueServer;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.web.ApiException;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/** Ends single executions by force, for operators. Thread-safe. */
final class ForcedEnds {
  /** A command enters the queue once: the second look finds it there. */
  private static final int MOST_LOOKS = 2;

  private final Pool pool;
  private final Ends ends;

  ForcedEnds(Pool pool, Ends ends) {
    this.pool = pool;
    this.ends = ends;
  }

  /**
   * Ends a command's execution on a server and notes who did it, together.
   *
   * @param command as it was read; its place may be another now
   * @throws ApiException 404 when the command is not aimed at the server; 409 when it has ended
   *     there
   */
  void end(Caller caller, ReadStore.CommandRow command, EdgeServer server, String reason) {
    UUID id = command.id();
    boolean aimed = isAimed(command.seq(), server);
    if (!aimed) {
      aimed = place(id).filter(now -> isAimed(now, server)).isPresent();
    }
    if (!aimed) {
      throw ApiException.notFound("The command is not aimed at " + server.fullName() + ".");
    }
    Act act =
        Act.by(caller, "execution-end", object(id, server))
            .concerning(command.originId(), server.participantId())
            .with("reason", reason);
    Consumer<Handle> audit = handle -> AuditStore.note(handle, act);
    for (int look = 1; look <= MOST_LOOKS; look++) {
      Optional<Boolean> ended = look(id, server, reason, audit);
      if (ended.isPresent()) {
        if (ended.get()) {
          return;
        }
        break;
      }
    }
    throw ApiException.conflict("conflict", "The execution has ended already.");
  }

  private boolean isAimed(long seq, EdgeServer server) {
    return pool.withHandle(handle -> LifecycleStore.target(handle, seq)).stream()
        .flatMapToInt(part -> Arrays.stream(part.servers()))
        .anyMatch(target -> target == server.id());
  }

  /** Where it stands now: entering the queue it gets another place, and its target moves along. */
  private Optional<Long> place(UUID id) {
    return pool.withHandle(handle -> LifecycleStore.open(handle, id))
        .map(open -> open.command().seq());
  }

  /** Empty when the command entered the queue meanwhile. */
  private Optional<Boolean> look(
      UUID id, EdgeServer server, String reason, Consumer<Handle> audit) {
    Optional<LifecycleStore.Open> open = pool.withHandle(handle -> LifecycleStore.open(handle, id));
    if (open.isEmpty()) {
      return Optional.of(false);
    }
    var place = new QueueServer(server.id(), server.participantId(), server.cell());
    if (open.get().queued()) {
      return Optional.of(ends.force(place, open.get().command(), reason, audit));
    }
    long seq = open.get().command().seq();
    return ends.forceScheduled(
        place, seq, reason, handle -> LifecycleStore.holdUnqueued(handle, seq), audit);
  }

  private static String object(UUID id, EdgeServer server) {
    return "commands/" + id + "/executions/" + server.fullName();
  }
}
