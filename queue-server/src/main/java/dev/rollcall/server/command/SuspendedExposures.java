// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.queue.Track;
import dev.rollcall.server.queue.Withholding;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Withholds what only a suspended exposure allows, where what is queued was to wait. Thread-safe.
 */
final class SuspendedExposures implements Withholding {
  /** What an execution that is withheld waits for. */
  private static final String SUSPENDED = "exposure-suspended";

  private static final int MOST = 10_000;

  private final Registry registry;
  private final Set<Short> origins;
  private final Cache<Long, Permissions.Wish> wishes =
      Caffeine.newBuilder().maximumSize(MOST).build();

  private SuspendedExposures(Registry registry, Set<Short> origins) {
    this.registry = registry;
    this.origins = Set.copyOf(origins);
  }

  static Withholding of(Registry now) {
    Set<Short> origins = new HashSet<>();
    for (Participant participant : now.participants()) {
      for (Participant.Exposure exposure : participant.exposures()) {
        Participant origin = now.participant(exposure.toParticipant());
        if (exposure.isHeld() && origin != null) {
          origins.add(origin.id());
        }
      }
    }
    return origins.isEmpty() ? NONE : new SuspendedExposures(now, origins);
  }

  @Override
  public Check check(Handle handle, Collection<QueuedCommand> commands) {
    Map<Long, Permissions.Wish> concerned = new HashMap<>();
    Set<Long> missing = new HashSet<>();
    for (QueuedCommand command : commands) {
      if (origins.contains((short) Track.origin(command.track()))) {
        Permissions.Wish known = wishes.getIfPresent(command.seq());
        if (known == null) {
          missing.add(command.seq());
        } else {
          concerned.put(command.seq(), known.again());
        }
      }
    }
    if (!missing.isEmpty()) {
      long[] seqs = missing.stream().mapToLong(Long::longValue).toArray();
      for (ForeignStore.Wish row : ForeignStore.wishes(handle, seqs)) {
        Permissions.Wish wish = ExposureSweep.wish(row);
        wishes.put(row.seq(), wish.again());
        concerned.put(row.seq(), wish);
      }
    }
    return (server, seq) -> isWithheld(server.id(), concerned.get(seq));
  }

  /** Tells of the executions of one command which of them are withheld. */
  static List<ExecutionStore.Row> told(
      Registry now, Handle handle, long seq, short track, List<ExecutionStore.Row> rows) {
    if (!(of(now) instanceof SuspendedExposures suspended)
        || !suspended.origins.contains((short) Track.origin(track))
        || rows.stream().noneMatch(ExecutionStore.Row::isInTurn)) {
      return rows;
    }
    Permissions.Wish wish = ExposureSweep.wish(ForeignStore.wish(handle, seq));
    return rows.stream()
        .map(row ->
            row.isInTurn() && suspended.isWithheld(row.serverId(), wish)
                ? row.waitingFor(SUSPENDED)
                : row)
        .toList();
  }

  private boolean isWithheld(int serverId, Permissions.@Nullable Wish wish) {
    EdgeServer server = registry.server(serverId);
    if (wish == null || server == null || Permissions.isOwn(registry, server, wish.originId())) {
      return false;
    }
    Participant.Exposure exposure = Permissions.allowing(registry, server, wish);
    return exposure != null && exposure.isHeld();
  }
}
