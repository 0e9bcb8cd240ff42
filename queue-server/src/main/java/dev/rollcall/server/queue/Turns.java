// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How many executions a poll is handed at most while polls stand in line, so that each server's
 * turn comes round soon. Thread-safe.
 *
 * <p>Servers that never run out of work come back as soon as they are answered, and a turn lasts as
 * long as all their answers take together. A command that comes meanwhile waits for a turn to be
 * handed out and for another one to be counted. So a turn is kept from becoming long, and kept
 * short while somebody's few executions are on their way beside another's many.
 */
final class Turns {
  private static final Duration TURN = Duration.ofMillis(500);
  private static final Duration SHORT_TURN = Duration.ofMillis(120);

  /** How long turns stay short after an answer was cut short for who has little waiting. */
  private static final Duration HURRY = Duration.ofMillis(500);

  /** Below that the polls themselves cost more than what they bring. */
  static final int LEAST = 3;

  /** How much the last batch says of how fast batches are. */
  private static final double NEWEST = 0.1;

  private final int workers;
  private final LongSupplier nanoTime;

  @GuardedBy("this")
  private double rowsPerSecond;

  @GuardedBy("this")
  private long hurriedUntil;

  private volatile int latest = Integer.MAX_VALUE;

  /**
   * @param workers how many batches are at work at once
   */
  Turns(int workers, LongSupplier nanoTime) {
    this.workers = workers;
    this.nanoTime = nanoTime;
    this.hurriedUntil = nanoTime.getAsLong();
  }

  /**
   * A batch behind which others stood in line took so long for so many results and leases. One of
   * none says nothing of how long these take.
   */
  synchronized void took(int rows, Duration time) {
    if (rows == 0) {
      return;
    }
    double seconds = Math.max(time.toNanos(), 1) / 1e9;
    double now = rows * workers / seconds;
    rowsPerSecond = rowsPerSecond == 0 ? now : rowsPerSecond + NEWEST * (now - rowsPerSecond);
  }

  /** Somebody's few executions were handed out where another's many wait. */
  synchronized void hurry() {
    hurriedUntil = nanoTime.getAsLong() + HURRY.toNanos();
  }

  /**
   * Each execution is a lease now and a result in its next turn.
   *
   * @param waiting how many polls are in line behind the batch that begins
   */
  synchronized int most(int waiting) {
    latest = waiting == 0 || rowsPerSecond == 0 ? Integer.MAX_VALUE : mostOf(waiting);
    return latest;
  }

  @GuardedBy("this")
  private int mostOf(int waiting) {
    Duration turn = nanoTime.getAsLong() - hurriedUntil < 0 ? SHORT_TURN : TURN;
    double rowsInTurn = rowsPerSecond * turn.toMillis() / 1_000;
    return (int) Math.max(LEAST, Math.min(Integer.MAX_VALUE, rowsInTurn / (2.0 * waiting)));
  }

  /** What was answered last: what a poll that comes now can be expected to be handed at most. */
  int latest() {
    return latest;
  }
}
