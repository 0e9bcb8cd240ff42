// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.lifecycle;

import dev.rollcall.edge.telemetry.Log;
import java.time.Duration;

/**
 * A loop on a thread of its own: it runs one turn after the other until it is told to stop, and a
 * turn that throws does not end it. Start and stop may be called more than once, and in any order.
 * Thread-safe.
 */
public final class Background {
  /** One turn. Blocks as long as it likes; an interrupt means that the loop is to stop. */
  @FunctionalInterface
  public interface Turn {
    void run() throws InterruptedException;
  }

  private static final Duration AFTER_A_FAULT = Duration.ofSeconds(1);

  private final String name;
  private final Log log;
  private final Turn turn;
  private final Waiter pause = new Waiter();
  private final Thread thread;
  private volatile boolean stopping;
  private boolean started;

  public Background(String name, Log log, Turn turn) {
    this.name = name;
    this.log = log;
    this.turn = turn;
    this.thread = Thread.ofVirtual().name("rollcall-" + name).unstarted(this::loop);
  }

  public synchronized void start() {
    if (!started && !stopping) {
      started = true;
      thread.start();
    }
  }

  /** Asks the loop to end after this turn, without interrupting it. */
  public void finish() {
    stopping = true;
    pause.wake();
  }

  /** Ends the loop, interrupting the turn it is in, and waits for it. */
  public void stop(Duration most) throws InterruptedException {
    finish();
    synchronized (this) {
      if (!started) {
        return;
      }
    }
    thread.interrupt();
    if (!thread.join(most)) {
      log.warn("still running after stop", "thread", name);
    }
  }

  /** Waits for the loop to end by itself; answers whether it did. */
  public boolean join(Duration most) throws InterruptedException {
    synchronized (this) {
      if (!started) {
        return true;
      }
    }
    return thread.join(most);
  }

  public boolean stopping() {
    return stopping;
  }

  private void loop() {
    while (!stopping) {
      try {
        turn.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        log.error("unexpected failure, going on", e, "thread", name);
        if (!pausedAfterFault()) {
          return;
        }
      }
    }
  }

  private boolean pausedAfterFault() {
    try {
      pause.await(AFTER_A_FAULT);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
