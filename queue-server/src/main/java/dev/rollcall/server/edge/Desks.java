// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import dev.rollcall.server.queue.Exchange;
import dev.rollcall.server.queue.QueueListener;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import java.util.Collection;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The desks of all servers that polled this node. Thread-safe. */
public final class Desks implements QueueListener {
  /** Told when an instance of a server's poller comes to this node. */
  @FunctionalInterface
  public interface ArrivalListener {
    void arrived(int serverId, int instance);
  }

  private final ConcurrentMap<Integer, ServerDesk> desks = new ConcurrentHashMap<>();
  private final AtomicInteger parked = new AtomicInteger();
  private volatile boolean stopping;
  private volatile Consumer<Collection<Integer>> onMissed = servers -> {};
  private volatile ArrivalListener arrivals = (serverId, instance) -> {};

  public Desks(Metrics metrics) {
    metrics.gauge(Meter.POLLS_PARKED, parked::get);
  }

  ServerDesk of(int serverId) {
    return desks.computeIfAbsent(serverId, id -> new ServerDesk());
  }

  /** Opens a poll; an earlier one of the same instance ends, here or at another node. */
  ServerDesk.Waiting open(int serverId, @Nullable String instance, @Nullable UUID tokenId) {
    ServerDesk desk = of(serverId);
    ServerDesk.Waiting poll = desk.open(instance, tokenId);
    if (instance != null && desk.arrives(ServerDesk.shortName(instance))) {
      arrivals.arrived(serverId, ServerDesk.shortName(instance));
    }
    return poll;
  }

  /** To be told of arrivals; at most one listener. */
  public void onArrival(ArrivalListener listener) {
    arrivals = listener;
  }

  /** An instance, by its short name, polls at another node now. */
  public void movedAway(int serverId, int instance) {
    ServerDesk desk = desks.get(serverId);
    if (desk != null) {
      desk.leaves(instance);
    }
  }

  AtomicInteger parked() {
    return parked;
  }

  boolean isStopping() {
    return stopping;
  }

  @Override
  public void wake(Collection<Integer> serverIds) {
    for (Integer id : serverIds) {
      ServerDesk desk = desks.get(id);
      if (desk != null) {
        desk.wake();
      }
    }
  }

  @Override
  public void cancelled(int serverId, Exchange.Held lease) {
    ServerDesk desk = desks.get(serverId);
    if (desk != null) {
      desk.tell(lease);
    }
  }

  /**
   * @param listener told of servers that missed something
   */
  public void onMissed(Consumer<Collection<Integer>> listener) {
    onMissed = listener;
  }

  @Override
  public void missed(Collection<Integer> serverIds) {
    onMissed.accept(serverIds);
  }

  @Override
  public void completed(Collection<Long> seqs) {
    // who watches a command looks it up
  }

  /** Answers all polls that wait, and lets no new one wait. */
  public void release() {
    stopping = true;
    desks.values().forEach(ServerDesk::endAll);
  }

  /** Ends the polls that were opened with a token. */
  public void revoked(UUID tokenId) {
    desks.values().forEach(desk -> desk.endOf(tokenId));
  }
}
