// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.config.Limits;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.web.ApiException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * How much each origin has open, on each server and in all, held against the limits. About: it is
 * counted every few seconds, and what this node stored since is added; what ended since, and what
 * other nodes stored, is seen at the next count. A submit asks memory only. Thread-safe.
 */
final class Backlog implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  /** The longer a count takes, the rarer it is: a twentieth of one connection at most. */
  private static final int SHARE = 20;

  private static final int RETRY_AFTER_SECONDS = 5;

  /** Of what is below a tenth of its limit nothing is remembered. */
  private static final int SMALL = 10;

  /**
   * @param serverId null: all of them
   */
  private record Key(short originId, @Nullable Integer serverId) {}

  /**
   * @param counted what the last count found
   * @param before stored here between its begin and that of the one before
   * @param since stored here since it began
   */
  private record State(
      Map<Key, Long> counted, Map<Key, Long> before, ConcurrentMap<Key, Long> since) {
    long of(Key key) {
      return counted.getOrDefault(key, 0L)
          + before.getOrDefault(key, 0L)
          + since.getOrDefault(key, 0L);
    }
  }

  private final Pool pool;
  private final Limits limits;
  private final PeriodicTask task = new PeriodicTask("backlog", INTERVAL, this::count);
  private volatile State state = new State(Map.of(), Map.of(), new ConcurrentHashMap<>());
  private long notBeforeNanos = System.nanoTime();

  Backlog(Pool pool, Limits limits) {
    this.pool = pool;
    this.limits = limits;
  }

  void start() {
    if (limits.boundsPending()) {
      task.start();
    }
  }

  /** Run by one thread. */
  private void count() {
    long begin = System.nanoTime();
    if (begin - notBeforeNanos < 0) {
      return;
    }
    State last = state;
    Map<Key, Long> before = new HashMap<>(last.before()); // empty unless the last count failed
    last.since().forEach((key, open) -> before.merge(key, open, Long::sum));
    var counting = new State(last.counted(), before, new ConcurrentHashMap<>());
    state = counting;
    Map<Key, Long> counted = new HashMap<>();
    pool.withHandle(handle ->
            BacklogStore.count(
                handle, least(limits.pendingPerServer()), least(limits.pendingPerParticipant())))
        .forEach(row -> counted.put(new Key(row.originId(), row.serverId()), row.open()));
    state = new State(counted, Map.of(), counting.since());
    long end = System.nanoTime();
    notBeforeNanos = end + SHARE * (end - begin);
  }

  private static long least(@Nullable Integer limit) {
    return limit == null ? Long.MAX_VALUE : Math.max(1, limit / SMALL);
  }

  /**
   * @throws ApiException 503 when its origin has too much open already
   */
  void check(NewCommand command) {
    if (!limits.boundsPending()) {
      return;
    }
    State now = state;
    short origin = command.resolved().originId();
    Integer inAll = limits.pendingPerParticipant();
    if (inAll != null && now.of(new Key(origin, null)) >= inAll) {
      throw full("There are " + inAll + " executions of this origin or more that have not ended.");
    }
    Integer perServer = limits.pendingPerServer();
    if (perServer == null) {
      return;
    }
    for (EdgeServer server : queued(command)) {
      if (now.of(new Key(origin, server.id())) >= perServer) {
        throw full(
            "On one of the servers there are "
                + perServer
                + " executions of this origin or more that have not ended.");
      }
    }
  }

  private static ApiException full(String detail) {
    return ApiException.queueFull(detail, RETRY_AFTER_SECONDS);
  }

  /** One that was stored, and is in the queue. */
  void stored(NewCommand command) {
    if (!limits.boundsPending() || command.options().notBefore() != null) {
      return;
    }
    short origin = command.resolved().originId();
    ConcurrentMap<Key, Long> since = state.since();
    List<EdgeServer> servers = queued(command);
    since.merge(new Key(origin, null), (long) servers.size(), Long::sum);
    if (limits.pendingPerServer() != null) {
      servers.forEach(server -> since.merge(new Key(origin, server.id()), 1L, Long::sum));
    }
  }

  private static List<EdgeServer> queued(NewCommand command) {
    Set<Integer> refused = command.resolved().refused().keySet();
    return command.resolved().servers().stream()
        .filter(server -> !refused.contains(server.id()))
        .toList();
  }

  @Override
  public void close() {
    task.close();
  }
}
