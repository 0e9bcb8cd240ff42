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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads commands, each in one snapshot. Thread-safe. */
final class CommandReads {
  /** Up to so many targets what is leased is counted at each read; beyond, once a second. */
  private static final int COUNTED_EACH_TIME = 1_000;

  private static final Duration OLDEST_COUNT = Duration.ofSeconds(1);

  /** About so many executions are counted in one statement. */
  private static final int COUNTED_AT_ONCE = 50_000;

  /** Which of a list's indexes serves depends on who asks: its plans are made for that. */
  private static final String SNAPSHOT =
      "set transaction isolation level repeatable read, read only;"
          + " set local plan_cache_mode = force_custom_plan";

  private final Pool pool;
  private final RegistryService registry;
  private final Completion completion;
  private final Cache<Long, Counted> counted =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(OLDEST_COUNT).build();

  CommandReads(Pool pool, RegistryService registry, Completion completion) {
    this.pool = pool;
    this.registry = registry;
    this.completion = completion;
  }

  /** What of a command was in the queue at a moment, by participant. */
  private record Counted(Instant asOf, Map<Short, ReadStore.LiveRow> parts) {}

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
    return read(caller, id, false);
  }

  /**
   * As {@link #read}, for the answer to whoever has just made it: where that was less than a second
   * ago nothing is counted, since nothing of it was leased when it was made.
   */
  Seen readNew(Caller caller, UUID id) {
    return read(caller, id, true);
  }

  private Seen read(Caller caller, UUID id, boolean isNew) {
    CommandView.Source source = source(id, isNew);
    if (source != null && isDue(source)) {
      completion.finish(List.of(source.command().seq()));
      source = source(id, isNew);
    }
    if (source != null) {
      Visibility visibility = Visibility.of(caller, source.command(), source.rollups());
      if (!(visibility instanceof Visibility.None)) {
        return new Seen(source, visibility);
      }
    }
    throw unknown();
  }

  private CommandView.@Nullable Source source(UUID id, boolean isNew) {
    return snapshot(
        handle -> ReadStore.byId(handle, id).map(row -> source(handle, row, isNew)).orElse(null));
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

  /**
   * A page of a list.
   *
   * @param next after which the next page begins; null: this is the last one
   */
  record Listed(List<CommandView> commands, @Nullable UUID next) {}

  /** Newest first; as many as are asked for, or fewer when they are large. */
  Listed list(Caller caller, ListStore.Filter filter) {
    List<CommandView> views = new ArrayList<>();
    UUID next =
        snapshot(handle -> {
          views.clear();
          ListStore.Page page = ListStore.list(handle, filter);
          for (CommandView.Source source : sources(handle, page.rows())) {
            var seen = new Seen(source, Visibility.of(caller, source.command(), source.rollups()));
            if (!(seen.visibility() instanceof Visibility.None)) {
              views.add(view(seen));
            }
          }
          return page.more() ? page.rows().getLast().id() : null;
        });
    return new Listed(views, next);
  }

  private interface Read<T extends @Nullable Object> {
    T from(Handle handle);
  }

  private <T extends @Nullable Object> T snapshot(Read<T> read) {
    return pool.inTransaction(handle -> {
      handle.execute(SNAPSHOT);
      return read.from(handle);
    });
  }

  private CommandView.Source source(Handle handle, ReadStore.CommandRow row, boolean isNew) {
    Counted live = null;
    if (isNew && row.createdAt().plus(OLDEST_COUNT).isAfter(row.asOf())) {
      live = new Counted(row.createdAt(), Map.of());
    } else if (isOpen(row)) {
      live = isLarge(row) ? counted.get(row.seq(), seq -> count(handle, row)) : count(handle, row);
    }
    return source(row, ReadStore.rollups(handle, new long[] {row.seq()}), live);
  }

  private static CommandView.Source source(
      ReadStore.CommandRow row,
      Map<Long, List<ReadStore.RollupRow>> rollups,
      @Nullable Counted live) {
    return new CommandView.Source(
        row,
        rollups.getOrDefault(row.seq(), List.of()),
        live == null ? Map.of() : live.parts(),
        live == null ? row.asOf() : live.asOf());
  }

  /** The same for many, with as few statements as for one. */
  private List<CommandView.Source> sources(Handle handle, List<ReadStore.CommandRow> rows) {
    Map<Long, List<ReadStore.RollupRow>> rollups =
        ReadStore.rollups(handle, rows.stream().mapToLong(ReadStore.CommandRow::seq).toArray());
    Map<Long, Counted> live = new HashMap<>();
    List<ReadStore.CommandRow> toCount = new ArrayList<>();
    int executions = 0;
    for (ReadStore.CommandRow row : rows) {
      Counted known = isOpen(row) ? counted.getIfPresent(row.seq()) : null;
      if (known != null) {
        live.put(row.seq(), known);
      } else if (isOpen(row)) {
        toCount.add(row);
        executions += row.targeted();
      }
      if (executions > COUNTED_AT_ONCE) {
        live.putAll(remembered(count(handle, toCount), toCount));
        toCount.clear();
        executions = 0;
      }
    }
    live.putAll(remembered(count(handle, toCount), toCount));
    return rows.stream().map(row -> source(row, rollups, live.get(row.seq()))).toList();
  }

  private Map<Long, Counted> remembered(Map<Long, Counted> now, List<ReadStore.CommandRow> rows) {
    for (ReadStore.CommandRow row : rows) {
      Counted count = now.get(row.seq());
      if (count != null && isLarge(row)) {
        counted.put(row.seq(), count);
      }
    }
    return now;
  }

  private static boolean isOpen(ReadStore.CommandRow row) {
    return row.completedAt() == null && row.queuedAt() != null;
  }

  private static boolean isLarge(ReadStore.CommandRow row) {
    return row.targeted() > COUNTED_EACH_TIME;
  }

  private static Counted count(Handle handle, ReadStore.CommandRow row) {
    return Objects.requireNonNull(count(handle, List.of(row)).get(row.seq()));
  }

  /** By seq, each of these. */
  private static Map<Long, Counted> count(Handle handle, List<ReadStore.CommandRow> rows) {
    if (rows.isEmpty()) {
      return Map.of();
    }
    Instant asOf = rows.getFirst().asOf();
    Map<Long, Map<Short, ReadStore.LiveRow>> live = ReadStore.live(handle, rows, asOf);
    Map<Long, Counted> all = new HashMap<>();
    for (ReadStore.CommandRow row : rows) {
      all.put(row.seq(), new Counted(asOf, live.getOrDefault(row.seq(), Map.of())));
    }
    return all;
  }
}
