// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What servers missed: commands that expired there without ever having been handed out. A server is
 * told until it says that it has made up for it.
 *
 * <p>In memory stands only which servers may have missed something: this node is told by its own
 * transactions and asks once a second for those of others. For a server that is not among them
 * nothing is asked; for one that is, each answer asks the database. Thread-safe.
 */
public final class Resyncs implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Pool reads;
  private final Pool changes;
  private final Consumer<Collection<Integer>> wake;

  /**
   * Servers that may have missed something, each with the latest sign of it: the transaction that
   * noted it, or, where this node was told by itself, a number below 0.
   */
  private final ConcurrentMap<Integer, Long> suspects = new ConcurrentHashMap<>();

  private final AtomicLong signs = new AtomicLong();
  private final PeriodicTask task = new PeriodicTask("resync", INTERVAL, this::look);
  private long horizon;

  /**
   * What a server is told.
   *
   * @param id another one with each further miss
   * @param since when the oldest missed command entered the queue
   * @param missed how many
   */
  public record Resync(UUID id, Instant since, long missed) {}

  /**
   * @param wake told of servers that may have missed something: their polls are to look
   */
  public Resyncs(Pool reads, Pool changes, Consumer<Collection<Integer>> wake) {
    this.reads = reads;
    this.changes = changes;
    this.wake = wake;
  }

  /** Finds out who missed something, then goes on in the background. */
  public void start() {
    look();
    task.start();
  }

  private void look() {
    ResyncStore.Changed changed = reads.withHandle(handle -> ResyncStore.changed(handle, horizon));
    horizon = changed.horizon();
    List<Integer> news = new ArrayList<>();
    changed
        .changes()
        .forEach((server, by) -> {
          if (!by.equals(suspects.put(server, by))) {
            news.add(server);
          }
        });
    if (!news.isEmpty()) {
      wake.accept(news);
    }
  }

  /** This node noted that these servers missed something. */
  public void suspect(Collection<Integer> serverIds) {
    if (!serverIds.isEmpty()) {
      long sign = signs.decrementAndGet();
      serverIds.forEach(id -> suspects.put(id, sign));
      wake.accept(serverIds);
    }
  }

  /** What the server is to be told, if anything. */
  public Optional<Resync> of(QueueServer server) {
    Long sign = suspects.get(server.id());
    if (sign == null) {
      return Optional.empty();
    }
    Optional<Resync> found = reads.withHandle(handle -> ResyncStore.of(handle, server));
    if (found.isEmpty()) {
      suspects.remove(server.id(), sign); // unless there was another sign since
    }
    return found;
  }

  /**
   * The server has made up for what an id stood for; durable when it returns. One that is not, or
   * no longer, the server's current one changes nothing.
   */
  public void acknowledge(QueueServer server, String id) {
    UUID known;
    try {
      known = UUID.fromString(id);
    } catch (IllegalArgumentException e) {
      return; // it was never given out
    }
    changes.inTransaction(handle -> ResyncStore.acknowledge(handle, server, known));
  }

  /** These servers are no more. */
  public void forget(List<Integer> serverIds) {
    if (!serverIds.isEmpty()) {
      changes.inTransaction(handle -> ResyncStore.forget(handle, serverIds));
      serverIds.forEach(suspects::remove);
    }
  }

  @Override
  public void close() {
    task.close();
  }
}
