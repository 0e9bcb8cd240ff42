// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** What only the database can tell, asked a few times a minute. Thread-safe. */
public final class DatabaseGauges implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  /** By command, never by a walk over the queue. */
  private static final String OLDEST_PENDING =
      """
      select p.name, max(extract(epoch from clock_timestamp() - c.queued_at))::float8
      from command c
      join rollup r on r.seq = c.seq
        and r.succeeded + r.failed + r.rejected + r.expired + r.cancelled + r.processed < r.targeted
      join participant p on p.id = r.participant_id
      where c.completed_at is null and c.queued_at is not null
      group by p.name
      """;

  private static final String OLDEST_SNAPSHOT =
      """
      select coalesce(max(extract(epoch from clock_timestamp() - since)), 0)::float8
      from (select xact_start as since from pg_stat_activity where backend_xmin is not null
            union all select prepared from pg_prepared_xacts) s
      """;

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
    oldestPending.set(pool.withHandle(DatabaseGauges::oldestPending));
    oldestSnapshot =
        pool.withHandle(handle -> handle.createQuery(OLDEST_SNAPSHOT).mapTo(Double.class).one());
  }

  private static Map<String, Double> oldestPending(Handle handle) {
    Map<String, Double> found = new HashMap<>();
    handle
        .createQuery(OLDEST_PENDING)
        .map((rs, context) -> found.put(rs.getString(1), rs.getDouble(2)))
        .list();
    return found;
  }

  @Override
  public void close() {
    task.close();
  }
}
