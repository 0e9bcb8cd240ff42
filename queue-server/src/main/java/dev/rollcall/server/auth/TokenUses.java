// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * When each token was last used, to the minute: kept in memory and written for many at once, never
 * in a request's way. What a crash loses is one such minute. Thread-safe.
 */
final class TokenUses implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final long EXACT_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int IN_ONE_STATEMENT = 5_000;

  private final Pool pool;
  private final PeriodicTask task = new PeriodicTask("token-uses", INTERVAL, this::write);

  /** Uses that are still to be written, by when they happened. */
  private final ConcurrentMap<UUID, Long> unwritten = new ConcurrentHashMap<>();

  TokenUses(Pool pool) {
    this.pool = pool;
  }

  /** One token's last use that was taken down. Racy on purpose: at worst it is written twice. */
  static final class Mark {
    private volatile long nanos = System.nanoTime() - EXACT_NANOS;

    private boolean isOlderThanAMinute(long now) {
      return now - nanos >= EXACT_NANOS;
    }
  }

  void start() {
    task.start();
  }

  void used(UUID token, Mark mark) {
    long now = System.nanoTime();
    if (mark.isOlderThanAMinute(now)) {
      mark.nanos = now;
      unwritten.put(token, now);
    }
  }

  void write() {
    while (!unwritten.isEmpty()) {
      Map<UUID, Long> batch = batch();
      pool.inTransaction(handle -> TokenStore.used(handle, secondsAgo(batch)));
      batch.forEach(unwritten::remove);
    }
  }

  private Map<UUID, Long> batch() {
    Map<UUID, Long> batch = new HashMap<>();
    List<Map.Entry<UUID, Long>> all = new ArrayList<>(unwritten.entrySet());
    all.stream().limit(IN_ONE_STATEMENT).forEach(use -> batch.put(use.getKey(), use.getValue()));
    return batch;
  }

  private static Map<UUID, Double> secondsAgo(Map<UUID, Long> uses) {
    long now = System.nanoTime();
    Map<UUID, Double> ago = new TreeMap<>();
    uses.forEach((token, at) -> ago.put(token, (now - at) / 1e9));
    return ago;
  }

  /** Writes what is left, if the database can be used. */
  @Override
  public void close() {
    task.close();
    write();
  }
}
