// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** The loop of upkeep. Thread-safe. */
public final class Upkeep implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final int LEASE_SECONDS = 10;
  private static final int PARTITIONS_AHEAD = 7;
  private static final Duration PARTITIONS_INTERVAL = Duration.ofHours(1);

  private final Pool pool;
  private volatile BooleanSupplier commands = () -> false;
  private final Counter rounds;
  private final String me = UUID.randomUUID().toString();
  private final PeriodicTask task = new PeriodicTask("upkeep", INTERVAL, this::round);
  private long partitionsMadeNanos;
  private boolean partitionsMade;

  public Upkeep(Pool pool, Metrics metrics) {
    this.pool = pool;
    this.rounds = metrics.counter(Meter.UPKEEP_RUNS);
  }

  /**
   * Makes the partitions that are needed now, then goes on in the background.
   *
   * @param lookAfterCommands one round of it; true when there is more to do at once
   */
  public void start(BooleanSupplier lookAfterCommands) {
    commands = lookAfterCommands;
    makePartitions();
    task.start();
  }

  /** There is something to do now. */
  public void nudge() {
    task.nudge();
  }

  private void round() {
    if (!lease()) {
      return;
    }
    rounds.increment();
    if (!partitionsMade
        || System.nanoTime() - partitionsMadeNanos > PARTITIONS_INTERVAL.toNanos()) {
      makePartitions();
    }
    if (commands.getAsBoolean()) {
      task.nudge();
    }
  }

  private boolean lease() {
    return pool.inTransaction(handle -> UpkeepStore.lease(handle, me, LEASE_SECONDS));
  }

  private void makePartitions() {
    pool.inTransaction(handle -> UpkeepStore.makePartitions(handle, PARTITIONS_AHEAD));
    partitionsMade = true;
    partitionsMadeNanos = System.nanoTime();
  }

  @Override
  public void close() {
    task.close();
  }
}
