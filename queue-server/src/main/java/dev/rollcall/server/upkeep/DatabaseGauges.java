// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import java.time.Duration;

/** What only the database can tell, asked a few times a minute. Thread-safe. */
public final class DatabaseGauges implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final Pool pool;
  private final Metrics.RowGauge oldestPending;
  private final PeriodicTask task = new PeriodicTask("gauges", INTERVAL, this::read);
  private volatile double oldestSnapshot;

  public DatabaseGauges(Pool pool, Metrics metrics) {
    this.pool = pool;
    this.oldestPending = metrics.rows(Meter.OLDEST_PENDING, "participant");
    metrics.gauge(Meter.OLDEST_SNAPSHOT, () -> oldestSnapshot);
  }

  public void start() {
    task.start();
  }

  private void read() {
    oldestPending.set(pool.withHandle(UpkeepStore::oldestPending));
    oldestSnapshot = pool.withHandle(UpkeepStore::oldestSnapshot);
  }

  @Override
  public void close() {
    task.close();
  }
}
