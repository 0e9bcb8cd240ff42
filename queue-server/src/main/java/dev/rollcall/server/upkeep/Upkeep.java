// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop of upkeep. One node does it: who holds the lease in the database. A node counts its time
 * from before it asked, by a clock that goes on while the process is stopped, and asks again before
 * half of it is over; so one that was paused finds out at its next step. Thread-safe.
 */
public final class Upkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final Duration LEASE = Duration.ofSeconds(10);
  private static final int PARTITIONS_AHEAD = 7;
  private static final Duration PARTITIONS_INTERVAL = Duration.ofSeconds(10);

  /** One round of looking after commands. */
  @FunctionalInterface
  public interface Work {
    /**
     * @param mine false: another node does it now, stop here
     * @return whether there is more to do at once
     */
    boolean round(BooleanSupplier mine);
  }

  private final Pool pool;
  private volatile Work commands = mine -> false;
  private final Counter rounds;
  private final String holder;
  private final PeriodicTask task = new PeriodicTask("upkeep", INTERVAL, this::round);
  private volatile long leasedNanos;
  private volatile boolean leased;
  private long partitionsSeenNanos;
  private boolean partitionsSeen;

  /**
   * @param holder this node's name
   */
  public Upkeep(Pool pool, String holder, Metrics metrics) {
    this.pool = pool;
    this.holder = holder;
    this.rounds = metrics.counter(Meter.UPKEEP_RUNS);
  }

  /** Makes the partitions that are needed now, then goes on in the background. */
  public void start(Work lookAfterCommands) {
    commands = lookAfterCommands;
    makePartitions();
    task.start();
  }

  /** There is something to do now. */
  public void nudge() {
    task.nudge();
  }

  /** Whether this node does upkeep, for some seconds at least; asks the database if need be. */
  public boolean isMine() {
    return leased && (System.nanoTime() - leasedNanos < LEASE.toNanos() / 2 || lease());
  }

  void round() {
    if (!lease()) {
      return;
    }
    rounds.increment();
    if (!partitionsSeen
        || System.nanoTime() - partitionsSeenNanos > PARTITIONS_INTERVAL.toNanos()) {
      makePartitions();
    }
    if (commands.round(this::isMine)) {
      task.nudge();
    }
  }

  private boolean lease() {
    long before = System.nanoTime();
    boolean now =
        pool.inTransaction(handle -> UpkeepStore.lease(handle, holder, (int) LEASE.toSeconds()));
    if (now != leased) {
      LOG.info(now ? "this node does upkeep" : "another node does upkeep");
    }
    leasedNanos = before;
    leased = now;
    return now;
  }

  /** Also when the clock has jumped: nothing can be stored where there is no partition. */
  private void makePartitions() {
    if (!pool.withHandle(handle -> UpkeepStore.hasPartitions(handle, PARTITIONS_AHEAD))) {
      pool.inTransaction(handle -> UpkeepStore.makePartitions(handle, PARTITIONS_AHEAD));
    }
    partitionsSeen = true;
    partitionsSeenNanos = System.nanoTime();
  }

  /** Lets another node take over at once. */
  @Override
  public void close() {
    task.close();
    if (leased) {
      leased = false;
      try {
        pool.inTransaction(handle -> UpkeepStore.giveBack(handle, holder));
      } catch (RuntimeException e) {
        LOG.info("upkeep was not handed over, another node waits for it: {}", e.getMessage());
      }
    }
  }
}
