// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.ThreadSafe;
import dev.rollcall.load.http.ResponseBuffer;
import dev.rollcall.load.http.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The one thread that plays many edges: connects, polls, reads, reports. */
final class FleetLoop implements Runnable {
  private static final int MOST_CONNECTING = 128;
  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int MOST_DOUBLINGS = 5;
  private static final int OK = 200;

  private final Target target;
  private final List<FleetConnection> connections;
  private final Selector selector;
  private final PollReader reader = new PollReader();
  private final Progress progress = new Progress();
  private final Deque<FleetConnection> toConnect = new ArrayDeque<>();
  private final PriorityQueue<Later> later = new PriorityQueue<>();
  private int connecting;
  private boolean ending;
  private volatile boolean stopping;

  FleetLoop(Target target, List<FleetConnection> connections) throws IOException {
    this.target = target;
    this.connections = List.copyOf(connections);
    this.selector = Selector.open();
    toConnect.addAll(connections);
  }

  /** What other threads may look at. */
  @ThreadSafe
  static final class Progress {
    final AtomicLong acknowledged = new AtomicLong();
    final AtomicLong answers = new AtomicLong();
    final AtomicInteger polling = new AtomicInteger();
    final Complaints complaints = new Complaints();
  }

  /** A pause of a connection; over before its time if the connection began another one since. */
  private record Later(long at, FleetConnection connection, int pause)
      implements Comparable<Later> {
    @Override
    public int compareTo(Later other) {
      return Long.compare(at, other.at);
    }
  }

  Progress progress() {
    return progress;
  }

  /** Parked polls are taken back; an edge that owes results reports them first. */
  void stop() {
    stopping = true;
    selector.wakeup();
  }

  @Override
  public void run() {
    try (selector) {
      while (!ending
          || !toConnect.isEmpty()
          || connections.stream().anyMatch(FleetConnection::isOpen)) {
        while (connecting < MOST_CONNECTING && !toConnect.isEmpty()) {
          connect(toConnect.removeFirst());
        }
        if (stopping && !ending) {
          end();
        }
        selector.select(this::ready, untilNextMillis());
        runLater();
      }
    } catch (IOException e) {
      progress.complaints.add("the loop ended: " + e);
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      progress.complaints.add("the loop ended: " + e);
      throw e;
    } finally {
      connections.forEach(FleetConnection::close);
    }
  }

  /**
   * The server does not notice that the connection of a parked poll is gone, and would hand work to
   * it. So a parked edge polls once more, over a new connection, for nothing: this ends the earlier
   * poll.
   */
  private void end() {
    ending = true;
    connecting = 0; // what is still being connected is closed, unless it has something to report
    toConnect.removeIf(connection -> !connection.edge().owes());
    for (FleetConnection connection : connections) {
      if (!connection.edge().owes()) {
        connection.close();
        if (noLongerPolling(connection)) {
          connection.leave();
          toConnect.addLast(connection);
        }
      }
    }
  }

  private long untilNextMillis() {
    Later next = later.peek();
    long wait = next == null ? Long.MAX_VALUE : next.at() - System.nanoTime();
    return Math.clamp(TimeUnit.NANOSECONDS.toMillis(wait), 1, ending ? 10 : 500);
  }

  private void runLater() {
    long now = System.nanoTime();
    while (!later.isEmpty() && later.peek().at() <= now) {
      Later due = later.remove();
      FleetConnection connection = due.connection();
      if (due.pause() != connection.pauses()) {
        continue;
      }
      if (connection.isOpen()) {
        poll(connection, now);
      } else {
        toConnect.addLast(connection);
      }
    }
  }

  private void connect(FleetConnection connection) {
    try {
      connecting++;
      connection.connect(selector, target);
    } catch (IOException e) {
      connecting--;
      broken(connection, e);
    }
  }

  private void ready(SelectionKey key) {
    FleetConnection connection = (FleetConnection) key.attachment();
    try {
      if (key.isConnectable()) {
        connecting--;
        connection.finishConnect();
        poll(connection, System.nanoTime());
      } else if (key.isWritable()) {
        connection.write();
      } else if (connection.read()) {
        answered(connection);
      }
    } catch (IOException | RuntimeException e) {
      broken(connection, e); // also an answer that makes no sense
    }
  }

  private void poll(FleetConnection connection, long now) {
    if (ending && !connection.edge().owes() && !connection.takesLeave()) {
      connection.close();
      return;
    }
    try {
      if (connection.polls(true)) {
        progress.polling.incrementAndGet();
      }
      connection.send(connection.edge().poll(now, ending));
    } catch (IOException e) {
      broken(connection, e);
    }
  }

  private void answered(FleetConnection connection) {
    long now = System.nanoTime();
    noLongerPolling(connection);
    progress.answers.lazySet(progress.answers.get() + 1);
    ResponseBuffer response = connection.response();
    long pause = response.status() == OK ? taken(connection, now) : refused(connection);
    if (response.isClosing()) {
      connection.close();
    }
    if (pause > 0) {
      pause(connection, now + pause);
    } else if (connection.isOpen()) {
      poll(connection, now);
    } else {
      toConnect.addLast(connection);
    }
  }

  /** Takes what an answer brought; answers how long the edge is to stay away, in nanoseconds. */
  private long taken(FleetConnection connection, long now) {
    connection.succeeded();
    SimulatedEdge edge = connection.edge();
    ResponseBuffer response = connection.response();
    edge.answering(now);
    reader.read(response.bytes(), response.bodyFrom(), response.bodyLength(), edge);
    progress.acknowledged.lazySet(progress.acknowledged.get() + edge.answered());
    return edge.owes() || ending ? 0 : (long) (reader.pollAfterSeconds() * 1e9);
  }

  /** The server is there but will not have this now. */
  private long refused(FleetConnection connection) {
    progress.complaints.add(
        "status " + connection.response().status() + ": " + connection.response().bodyText());
    connection.edge().notAnswered();
    return backOff(connection);
  }

  private void broken(FleetConnection connection, Exception why) {
    progress.complaints.add(why.getMessage() == null ? why.toString() : why.getMessage());
    connection.close();
    noLongerPolling(connection);
    connection.edge().notAnswered();
    if (!ending) {
      pause(connection, System.nanoTime() + backOff(connection));
    }
  }

  private void pause(FleetConnection connection, long until) {
    later.add(new Later(until, connection, connection.pause()));
  }

  /** Answers whether a poll was at the server. */
  @CanIgnoreReturnValue
  private boolean noLongerPolling(FleetConnection connection) {
    boolean polled = connection.polls(false);
    if (polled) {
      progress.polling.decrementAndGet();
    }
    return polled;
  }

  private static long backOff(FleetConnection connection) {
    return FIRST_PAUSE << Math.min(MOST_DOUBLINGS, connection.failed());
  }
}
