// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.hostile;

import dev.rollcall.load.http.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Hostile clients at one queue server. What the server closes is opened again a second later, so
 * that an attack does not get weaker. Its methods may be called by any thread.
 */
public final class Attackers implements AutoCloseable, Runnable {
  private static final long DRIP_EVERY = TimeUnit.SECONDS.toNanos(2);
  private static final long AGAIN_AFTER = TimeUnit.SECONDS.toNanos(1);
  private static final long TICK_MILLIS = 50;
  private static final int CONNECTS_PER_TICK = 200;

  private final Target target;
  private final Selector selector;
  private final List<HostileConnection> connections = new ArrayList<>();
  private final ByteBuffer nowhere = ByteBuffer.allocateDirect(64 << 10);
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final AtomicLong opened = new AtomicLong();
  private final AtomicLong ended = new AtomicLong();
  private final Thread thread;
  private volatile boolean stopping;

  /**
   * @param attacks how many connections for each
   * @param token of an operator: the worst attacker is one who may come in
   */
  public Attackers(Target target, Map<Attack, Integer> attacks, String token) throws IOException {
    this.target = target;
    this.selector = Selector.open();
    long now = System.nanoTime();
    attacks.forEach((attack, count) -> {
      byte[] first = attack.first(target, token);
      for (int i = 0; i < count; i++) {
        connections.add(new HostileConnection(attack, first, now));
      }
    });
    thread = Thread.ofPlatform().name("rollcall-hostile").daemon().unstarted(this);
  }

  public void start() {
    thread.start();
  }

  /** Waits until so many connections have been held at once, or opened one after the other. */
  public void awaitAtWork(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (opened.get() < connections.size()) {
      if (System.nanoTime() > end || !thread.isAlive()) {
        throw new IllegalStateException(
            opened + " of " + connections.size() + " hostile connections after " + limit);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS));
    }
  }

  /** How many were open at once at most. */
  public int most() {
    return most.get();
  }

  /** How many the server ended so far. */
  public long ended() {
    return ended.get();
  }

  @Override
  public void run() {
    try {
      while (!stopping) {
        tick(System.nanoTime());
        selector.select(TICK_MILLIS);
        selector.selectedKeys().forEach(this::ready);
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      connections.forEach(HostileConnection::close);
    }
  }

  private void tick(long now) throws IOException {
    int connects = CONNECTS_PER_TICK;
    for (HostileConnection connection : connections) {
      if (!connection.isDue(now)) {
        continue;
      }
      if (connection.isOpen()) {
        connection.dueAt(now + DRIP_EVERY);
        attempt(connection, connection::drip);
      } else if (connects-- > 0) {
        connection.dueAt(now + DRIP_EVERY);
        attempt(connection, () -> connection.connect(selector, target));
      }
    }
  }

  /** What may find the connection ended. */
  @FunctionalInterface
  private interface Step {
    void take() throws IOException;
  }

  private void attempt(HostileConnection connection, Step step) {
    try {
      step.take();
    } catch (IOException e) {
      end(connection);
    }
  }

  private void ready(SelectionKey key) {
    HostileConnection connection = (HostileConnection) key.attachment();
    attempt(
        connection,
        () -> {
          if (key.isConnectable()) {
            connection.connected();
            most.accumulateAndGet(open.incrementAndGet(), Math::max);
            opened.incrementAndGet();
            connection.write();
          } else if (key.isReadable() && connection.readToNowhere(nowhere)) {
            end(connection);
          } else if (key.isWritable()) {
            connection.write();
          }
        });
  }

  private void end(HostileConnection connection) {
    if (connection.isConnected()) {
      open.decrementAndGet();
      ended.incrementAndGet();
    }
    connection.close();
    connection.dueAt(System.nanoTime() + AGAIN_AFTER);
  }

  @Override
  public void close() {
    stopping = true;
    selector.wakeup();
    try {
      thread.join();
      selector.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
