// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.Completion;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.web.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads commands, each in one snapshot. Thread-safe. */
final class CommandReads {
  /** Up to so many targets what is leased is counted at each read; beyond, once a second. */
  private static final int COUNTED_EACH_TIME = 1_000;

  private final Pool pool;
  private final RegistryService registry;
  private final Completion completion;
  private final Cache<Long, Map<Short, ReadStore.LiveRow>> counted =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofSeconds(1)).build();

  CommandReads(Pool pool, RegistryService registry, Completion completion) {
    this.pool = pool;
    this.registry = registry;
    this.completion = completion;
  }

  /** A command with what the caller may see of it. */
  record Seen(CommandView.Source source, Visibility visibility) {
    ReadStore.CommandRow row() {
      return source.command();
    }
  }

  /**
   * @throws ApiException 404 for one that does not exist for this caller
   */
  Seen read(Caller caller, UUID id) {
    CommandView.Source source = source(id);
    if (source != null && isDue(source)) {
      completion.finish(List.of(source.command().seq()));
      source = source(id);
    }
    if (source != null) {
      Visibility visibility = Visibility.of(caller, source.command(), source.rollups());
      if (!(visibility instanceof Visibility.None)) {
        return new Seen(source, visibility);
      }
    }
    throw unknown();
  }

  private CommandView.@Nullable Source source(UUID id) {
    return snapshot(
        handle -> ReadStore.byId(handle, id).map(row -> source(handle, row)).orElse(null));
  }

  /**
   * All has ended, and the time at which is about to be noted: nobody is to see the one without the
   * other.
   */
  private static boolean isDue(CommandView.Source source) {
    return source.command().completedAt() == null
        && source.rollups().stream().allMatch(r -> r.ended() == r.targeted());
  }

  static ApiException unknown() {
    return ApiException.notFound("There is no such command.");
  }

  CommandView view(Seen seen) {
    return CommandView.of(seen.source(), registry.current(), seen.visibility());
  }

  /** Newest first. */
  List<CommandView> list(Caller caller, ReadStore.Filter filter) {
    List<CommandView.Source> sources =
        snapshot(handle -> {
          List<CommandView.Source> read = new ArrayList<>();
          for (ReadStore.CommandRow row : ReadStore.list(handle, filter)) {
            read.add(source(handle, row));
          }
          return read;
        });
    return sources.stream()
        .map(s -> new Seen(s, Visibility.of(caller, s.command(), s.rollups())))
        .filter(seen -> !(seen.visibility() instanceof Visibility.None))
        .map(this::view)
        .toList();
  }

  private interface Read<T extends @Nullable Object> {
    T from(Handle handle);
  }

  private <T extends @Nullable Object> T snapshot(Read<T> read) {
    return pool.inTransaction(handle -> {
      handle.execute("set transaction isolation level repeatable read, read only");
      return read.from(handle);
    });
  }

  private CommandView.Source source(Handle handle, ReadStore.CommandRow row) {
    List<ReadStore.RollupRow> rollups = ReadStore.rollups(handle, row.seq());
    return new CommandView.Source(row, rollups, live(handle, row));
  }

  private Map<Short, ReadStore.LiveRow> live(Handle handle, ReadStore.CommandRow row) {
    if (row.completedAt() != null || row.queuedAt() == null) {
      return Map.of();
    }
    if (row.targeted() <= COUNTED_EACH_TIME) {
      return count(handle, row);
    }
    return counted.get(row.seq(), seq -> count(handle, row));
  }

  private static Map<Short, ReadStore.LiveRow> count(Handle handle, ReadStore.CommandRow row) {
    Map<Short, ReadStore.LiveRow> live = new HashMap<>();
    ReadStore.live(handle, row.seq(), row.track())
        .forEach(part -> live.put(part.participantId(), part));
    return live;
  }
}
