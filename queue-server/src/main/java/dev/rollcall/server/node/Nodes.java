// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.node;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Notifications;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.queue.CommandIndex;
import dev.rollcall.server.queue.Exchange;
import dev.rollcall.server.queue.QueueListener;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node among those that run on the same database. Shows that it is alive, tells the others
 * what happens here, and tells the polls that wait here what happens there. Thread-safe.
 */
public final class Nodes implements AutoCloseable {
  static final String CHANNEL = "rollcall";

  private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /**
   * How far back commands are looked up: longer than any fan-out takes from its number to its
   * commit.
   */
  private static final long WINDOW_MILLIS = 30_000;

  private static final int MOST_COMMANDS = 100_000;

  /** A node whose sign of life is late may still submit; telling it costs nothing that counts. */
  private static final NodeStore.Span SPAN = new NodeStore.Span(5, 60);

  /** The polls that wait on this node, as another node's news concerns them. */
  public interface Polls extends QueueListener {
    /**
     * An instance of this server's poller polls at another node now: its older poll here may end.
     */
    void movedAway(int serverId, int instance);
  }

  private final UUID id = UUID.randomUUID();
  private final Pool pool;
  private final DatabaseAddress address;
  private final Polls here;
  private final CommandIndex index;
  private final Seen seen = new Seen();
  private final Outbox outbox = new Outbox(this::send);
  private final PeriodicTask task = new PeriodicTask("node", INTERVAL, this::beat);
  private final ReentrantLock looking = new ReentrantLock();
  private final Counter sent;
  private final Counter received;
  private final Counter found;
  private volatile @Nullable String listening;
  private volatile @Nullable Notifications ear;
  private volatile int others;
  private volatile boolean alone = true;

  /**
   * @param pool for what nodes say and look up, and nothing else
   * @param address where notifications are listened to
   */
  public Nodes(
      Pool pool, DatabaseAddress address, Polls here, CommandIndex index, Metrics metrics) {
    this.pool = pool;
    this.address = address;
    this.here = here;
    this.index = index;
    this.sent = metrics.counter(Meter.NOTIFICATIONS_SENT);
    this.received = metrics.counter(Meter.NOTIFICATIONS_RECEIVED);
    this.found = metrics.counter(Meter.COMMANDS_LOOKED_UP);
    metrics.gauge(Meter.NODES_ALIVE, () -> others + 1);
  }

  /** This process's name among the nodes; another one after each start. */
  public UUID id() {
    return id;
  }

  /**
   * Joins the others; the first sign of life is given before this returns, if it can be.
   *
   * @param only whether the database is this process's alone, so that any other node of which it
   *     knows is one that was killed
   */
  public void start(boolean only) {
    outbox.start();
    try {
      if (only) {
        pool.inTransaction(handle -> {
          NodeStore.removeOthers(handle, id);
          return id;
        });
      }
      beat();
    } catch (RuntimeException e) {
      LOG.warn("the first sign of life could not be given: {}", e.getMessage());
    }
    task.start();
  }

  /** Where this node can be reached, once that is known; for people. */
  public void listeningOn(String uri) {
    listening = uri;
  }

  /**
   * To be told what happens in the queue: passes it on to the polls here and to the other nodes.
   */
  public QueueListener everywhere() {
    return new Everywhere();
  }

  /** An instance polls here that did not poll here before, or that was at another node since. */
  public void arrived(int serverId, int instance) {
    if (!alone) {
      outbox.arrived(new Bulletin.Arrival(serverId, instance));
    }
  }

  private final class Everywhere implements QueueListener {
    @Override
    public void wake(Collection<Integer> serverIds) {
      here.wake(serverIds);
      if (!alone) {
        outbox.wake(serverIds);
      }
    }

    @Override
    public void queued(Collection<Long> seqs) {
      seen.add(seqs);
      if (!alone) {
        outbox.queued(seqs);
      }
    }

    @Override
    public void cancelled(int serverId, Exchange.Held lease) {
      here.cancelled(serverId, lease);
      if (!alone) {
        outbox.cancelled(new Bulletin.Cancelled(serverId, lease.command().seq(), lease.leaseNo()));
      }
    }

    /** Other nodes read it for themselves. */
    @Override
    public void missed(Collection<Integer> serverIds) {
      here.missed(serverIds);
    }

    @Override
    public void completed(Collection<Long> seqs) {
      here.completed(seqs);
    }
  }

  private void beat() {
    NodeStore.Others now =
        pool.inTransaction(handle ->
            NodeStore.beat(
                handle, id, listening, Nodes.class.getPackage().getImplementationVersion(), SPAN));
    if (others != now.alive()) {
      LOG.info("{} other node(s) on this database", now.alive());
    }
    others = now.alive();
    if (alone != (now.neighbours() == 0)) {
      alone = now.neighbours() == 0;
      outbox.setOpen(!alone);
      listen();
    }
    if (!alone) {
      look();
    }
  }

  private void listen() {
    Notifications now = ear;
    if (alone && now != null) {
      ear = null;
      now.close();
    } else if (!alone && now == null) {
      now = new Notifications(address, CHANNEL, new Receiver());
      ear = now;
      now.start();
    }
  }

  private void look() {
    looking.lock();
    try {
      List<Long> window =
          pool.withHandle(handle -> NodeStore.newCommands(handle, WINDOW_MILLIS, MOST_COMMANDS));
      List<Long> news = seen.news(window);
      if (!news.isEmpty()) {
        found.increment(news.size());
        here.wake(pool.withHandle(handle -> NodeStore.servers(handle, news)));
      }
    } finally {
      looking.unlock();
    }
  }

  private void send(Bulletin bulletin) {
    List<String> pages = bulletin.write(id);
    pool.inTransaction(handle -> {
      NodeStore.notify(handle, pages);
      return pages;
    });
    sent.increment(pages.size());
  }

  private final class Receiver implements Notifications.Receiver {
    @Override
    public void connected() {
      look();
    }

    @Override
    public void received(String payload) {
      Bulletin.Received read;
      try {
        read = Bulletin.read(payload);
      } catch (IllegalArgumentException e) {
        LOG.warn("a notification that no node can have sent: {}", e.getMessage());
        return;
      }
      if (!read.sender().equals(id)) {
        received.increment();
        tell(read.bulletin());
      }
    }
  }

  private void tell(Bulletin bulletin) {
    seen.add(bulletin.commands());
    here.wake(bulletin.servers());
    bulletin.arrivals().forEach(a -> here.movedAway(a.serverId(), a.instance()));
    if (!bulletin.cancelled().isEmpty()) {
      List<Long> seqs = bulletin.cancelled().stream().map(Bulletin.Cancelled::command).toList();
      Map<Long, QueuedCommand> commands = pool.withHandle(handle -> index.bySeq(handle, seqs));
      for (Bulletin.Cancelled lease : bulletin.cancelled()) {
        QueuedCommand command = commands.get(lease.command());
        if (command != null) {
          here.cancelled(lease.serverId(), new Exchange.Held(command, lease.leaseNo()));
        }
      }
    }
  }

  /** Sends what is left and leaves; a node that cannot is taken for gone after some seconds. */
  @Override
  public void close() {
    task.close();
    outbox.close();
    Notifications now = ear;
    ear = null;
    if (now != null) {
      now.close();
    }
    try {
      pool.inTransaction(handle -> {
        NodeStore.remove(handle, id);
        return id;
      });
    } catch (RuntimeException e) {
      LOG.info("left without a word to the other nodes: {}", e.getMessage());
    }
  }
}
