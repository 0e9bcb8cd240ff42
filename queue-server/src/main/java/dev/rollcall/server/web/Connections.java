// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;

/**
 * The connections that no request is under way on, and how long each may stay so. From its opening,
 * or from its last answer, until a request's header is whole a connection has a fixed time, however
 * often a byte comes: handshakes that stop, slow headers and silence are all the same. When there
 * are too many connections, those give way first that never asked anything, the oldest of them
 * first, so that who has something to say always gets in. Thread-safe.
 */
final class Connections implements Connection.Listener {
  /** Handshake and first header; a client on a bad line needs a few seconds. */
  static final Duration FIRST_REQUEST = Duration.ofSeconds(10);

  /** From an answer to the next request's header. */
  static final Duration NEXT_REQUEST = Duration.ofSeconds(60);

  /** Of the files the process may have open; the others are for the database, the log, the jar. */
  private static final double SHARE = 0.9;

  private final int most;
  private final LongSupplier nanos;
  private final Metrics metrics;
  private final ReentrantLock lock = new ReentrantLock();

  /** Without any request so far, and since when; the oldest first. */
  @GuardedBy("lock")
  private final Map<Connection, Long> fresh = new LinkedHashMap<>();

  /** Between two requests, and since when; the oldest first. */
  @GuardedBy("lock")
  private final Map<Connection, Long> kept = new LinkedHashMap<>();

  /** With the request that is under way. */
  @GuardedBy("lock")
  private final Map<Connection, String> busy = new HashMap<>();

  @GuardedBy("lock")
  private int open;

  /**
   * @param most how many may be open
   * @param nanos the monotonic clock
   */
  Connections(int most, LongSupplier nanos, Metrics metrics) {
    this.most = most;
    this.nanos = nanos;
    this.metrics = metrics;
  }

  /** As many as the process may have files open, but for a reserve. */
  static int most() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? (int) Math.min(Integer.MAX_VALUE, unix.getMaxFileDescriptorCount() * SHARE)
        : Integer.MAX_VALUE;
  }

  @Override
  public void onOpened(Connection connection) {
    if (isTransport(connection)) {
      return;
    }
    List<Connection> surplus = new ArrayList<>();
    lock.lock();
    try {
      open++;
      fresh.put(connection, nanos.getAsLong());
      if (open > most) {
        boolean others = fresh.size() > 1 || kept.isEmpty();
        surplus.add(oldest(others ? fresh : kept));
      }
    } finally {
      lock.unlock();
    }
    surplus.forEach(this::shut);
  }

  private static Connection oldest(Map<Connection, Long> waiting) {
    Iterator<Connection> each = waiting.keySet().iterator();
    Connection found = each.next();
    each.remove();
    return found;
  }

  @Override
  public void onClosed(Connection connection) {
    if (isTransport(connection)) {
      return;
    }
    lock.lock();
    try {
      open--;
      fresh.remove(connection);
      kept.remove(connection);
      busy.remove(connection);
    } finally {
      lock.unlock();
    }
  }

  /** A TLS connection carries another one, which is counted. */
  private static boolean isTransport(Connection connection) {
    return connection instanceof SslConnection;
  }

  /**
   * A request's header is whole.
   *
   * @param request a name for it that no other one on this connection has
   */
  void begun(Connection connection, String request) {
    lock.lock();
    try {
      if (fresh.remove(connection) == null) {
        kept.remove(connection);
      }
      busy.put(connection, request);
    } finally {
      lock.unlock();
    }
  }

  /** A request is answered; the next one may have begun before that is told. */
  void ended(Connection connection, String request) {
    lock.lock();
    try {
      if (busy.remove(connection, request) && connection.getEndPoint().isOpen()) {
        kept.put(connection, nanos.getAsLong());
      }
    } finally {
      lock.unlock();
    }
  }

  int open() {
    lock.lock();
    try {
      return open;
    } finally {
      lock.unlock();
    }
  }

  /** Closes what has waited too long. */
  void sweep() {
    List<Connection> due = new ArrayList<>();
    lock.lock();
    try {
      take(fresh, nanos.getAsLong() - FIRST_REQUEST.toNanos(), due);
      take(kept, nanos.getAsLong() - NEXT_REQUEST.toNanos(), due);
    } finally {
      lock.unlock();
    }
    due.forEach(this::shut);
  }

  private static void take(Map<Connection, Long> waiting, long until, List<Connection> due) {
    Iterator<Map.Entry<Connection, Long>> each = waiting.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<Connection, Long> entry = each.next();
      if (entry.getValue() - until > 0) {
        return;
      }
      due.add(entry.getKey());
      each.remove();
    }
  }

  private void shut(Connection connection) {
    if (connection.getEndPoint().isOpen()) {
      metrics.counter(Meter.HTTP_CONNECTIONS_SHED).increment();
      connection.getEndPoint().close();
    }
  }
}
