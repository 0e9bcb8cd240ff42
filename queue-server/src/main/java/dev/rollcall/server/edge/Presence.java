// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import dev.rollcall.protocol.edge.PollRequest;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.registry.RegistryService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who polled, written once a second for all servers together and never in a poll's way. What a
 * poller says it can do belongs to the registry: when that changes, each node is to know. Two
 * pollers of one server that can do different things would change it at each of their polls, and
 * every node would read all of it each second: what was taken over stands for a while. Thread-safe.
 */
public final class Presence implements AutoCloseable {
  private static final int IN_ONE_STATEMENT = 5_000;

  /** For how long what a server can do stands, whatever a poll says. */
  private static final Duration STANDS = Duration.ofMinutes(1);

  private final Pool pool;
  private final RegistryService registry;
  private final ConcurrentMap<Integer, Seen> seen = new ConcurrentHashMap<>();
  private final ConcurrentMap<Integer, List<String>> abilities = new ConcurrentHashMap<>();

  /** By server: when it was taken over what it can do, by the clock. */
  private final ConcurrentMap<Integer, Long> changedNanos = new ConcurrentHashMap<>();

  private final LongSupplier nanoClock;
  private final PeriodicTask task =
      new PeriodicTask("presence", Duration.ofSeconds(1), this::write);

  /** What a poller said of itself. */
  record Seen(@Nullable String instance, @Nullable String version) {}

  public Presence(Pool pool, RegistryService registry) {
    this(pool, registry, System::nanoTime);
  }

  Presence(Pool pool, RegistryService registry, LongSupplier nanoClock) {
    this.pool = pool;
    this.registry = registry;
    this.nanoClock = nanoClock;
  }

  public void start() {
    task.start();
  }

  /** Notes a poll. */
  void polled(int serverId, PollRequest.@Nullable PollerInfo poller) {
    seen.put(
        serverId,
        poller == null ? new Seen(null, null) : new Seen(poller.instance(), poller.version()));
    if (poller != null && poller.operations() != null) {
      var server = registry.current().server(serverId);
      if (server != null
          && (server.operations() == null
              || !server.operations().equals(Set.copyOf(poller.operations())))
          && mayChange(serverId)) {
        abilities.put(serverId, poller.operations());
      }
    }
  }

  private boolean mayChange(int serverId) {
    Long changed = changedNanos.get(serverId);
    return changed == null || nanoClock.getAsLong() - changed >= STANDS.toNanos();
  }

  /** Writes what came since it was last called. */
  void write() {
    while (!seen.isEmpty()) {
      Map<Integer, Seen> batch = take(seen);
      pool.inTransaction(handle -> PresenceStore.write(handle, batch));
      if (batch.size() < IN_ONE_STATEMENT) {
        break;
      }
    }
    if (!abilities.isEmpty()) {
      Map<Integer, List<String>> batch = take(abilities);
      registry.change(handle -> PresenceStore.writeAbilities(handle, batch));
      long now = nanoClock.getAsLong();
      changedNanos.values().removeIf(changed -> now - changed >= STANDS.toNanos());
      batch.keySet().forEach(server -> changedNanos.put(server, now));
    }
  }

  private static <V> Map<Integer, V> take(ConcurrentMap<Integer, V> from) {
    Map<Integer, V> batch = new java.util.TreeMap<>();
    for (Map.Entry<Integer, V> entry : from.entrySet()) {
      if (batch.size() == IN_ONE_STATEMENT) {
        break;
      }
      if (from.remove(entry.getKey(), entry.getValue())) {
        batch.put(entry.getKey(), entry.getValue());
      }
    }
    return batch;
  }

  @Override
  public void close() {
    task.close();
    write();
  }
}
