// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes commands that were accepted more days ago than are to be kept, then the partitions with
 * their results. What has not ended is never removed: what is past its deadline is ended first, and
 * a day waits for the last of its commands and a further 24 hours. Every step may be broken off and
 * done twice, also by two nodes at once. Thread-safe.
 *
 * <p>In a thread of its own: a partition is detached when the last that read it are done, and
 * deadlines do not wait for a report.
 */
public final class Retention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
  private static final Duration INTERVAL = Duration.ofMinutes(5);
  private static final int AT_A_TIME = 500;
  private static final List<String> RESULTS = List.of("execution_result", "attempt_log");
  private static final List<String> AUDIT = List.of("audit");

  /** A clock that is wrong by this much must not make history vanish. */
  private static final double LARGEST_CLOCK_DIFFERENCE = 3_600;

  private final Pool pool;
  private final InstantSource clock;
  private final int days;
  private final int auditDays;
  private final BooleanSupplier mine;
  private final Runnable upkeep;
  private final Counter removed;
  private final PeriodicTask task = new PeriodicTask("retention", INTERVAL, this::round);

  /**
   * @param clock this machine's, which the database's must not be far from
   * @param days how many days are kept, today not counted
   * @param auditDays of the audit record
   * @param mine whether this node does upkeep
   * @param upkeep told when something is to be ended now
   */
  public Retention(
      Pool pool,
      InstantSource clock,
      int days,
      int auditDays,
      BooleanSupplier mine,
      Runnable upkeep,
      Metrics metrics) {
    this.pool = pool;
    this.clock = clock;
    this.days = days;
    this.auditDays = auditDays;
    this.mine = mine;
    this.upkeep = upkeep;
    this.removed = metrics.counter(Meter.COMMANDS_REMOVED);
  }

  public void start() {
    task.start();
  }

  /** Removes what may go now. */
  void round() {
    if (!mine.getAsBoolean() || !clocksAgree()) {
      return;
    }
    removeAudit();
    long keptFrom = pool.withHandle(handle -> RetentionStore.keptFrom(handle, days));
    removeCommands(keptFrom);
    for (RetentionStore.Partition partition :
        pool.withHandle(handle -> RetentionStore.partitions(handle, RESULTS, keptFrom))) {
      if (!mine.getAsBoolean()) {
        return;
      }
      if (partition.pending() || isEmpty(partition)) {
        remove(partition);
      }
    }
  }

  private void removeAudit() {
    long keptFrom = pool.withHandle(handle -> RetentionStore.keptFrom(handle, auditDays));
    for (RetentionStore.Partition partition :
        pool.withHandle(handle -> RetentionStore.partitions(handle, AUDIT, keptFrom))) {
      if (mine.getAsBoolean()) {
        remove(partition);
      }
    }
  }

  private boolean clocksAgree() {
    double here = clock.millis() / 1000.0;
    double ahead = pool.withHandle(handle -> RetentionStore.clockAheadSeconds(handle, here));
    boolean agree = Math.abs(ahead) < LARGEST_CLOCK_DIFFERENCE;
    if (!agree) {
      LOG.error(
          "nothing old is removed: the database's clock is {} s ahead of this machine's", ahead);
    }
    return agree;
  }

  private void removeCommands(long keptFrom) {
    long from = pool.withHandle(RetentionStore::oldestCommand).orElse(keptFrom);
    while (from < keptFrom && mine.getAsBoolean()) {
      long now = from;
      List<RetentionStore.Old> old =
          pool.withHandle(handle -> RetentionStore.oldCommands(handle, now, keptFrom, AT_A_TIME));
      if (old.isEmpty()) {
        return;
      }
      List<Long> open = seqs(old, o -> !o.ended());
      if (!open.isEmpty() && pool.inTransaction(handle -> RetentionStore.hurry(handle, open)) > 0) {
        upkeep.run();
      }
      List<Long> gone = seqs(old, RetentionStore.Old::removable);
      if (!gone.isEmpty()) {
        removed.increment(pool.inTransaction(handle -> RetentionStore.remove(handle, gone)));
      }
      from = old.getLast().seq() + 1;
    }
  }

  private static List<Long> seqs(
      List<RetentionStore.Old> old, java.util.function.Predicate<RetentionStore.Old> which) {
    return old.stream().filter(which).map(RetentionStore.Old::seq).toList();
  }

  private boolean isEmpty(RetentionStore.Partition partition) {
    return pool.withHandle(
            handle -> RetentionStore.oldCommands(handle, partition.first(), partition.past(), 1))
        .isEmpty();
  }

  private void remove(RetentionStore.Partition partition) {
    try {
      pool.withHandle(handle -> {
        if (partition.pending()) {
          RetentionStore.finishDetaching(handle, partition);
        } else if (partition.attached()) {
          RetentionStore.detach(handle, partition);
        }
        RetentionStore.drop(handle, partition);
        return partition;
      });
      LOG.info("{} was removed", partition.name());
    } catch (RuntimeException e) {
      LOG.warn("{} could not be removed yet: {}", partition.name(), e.getMessage());
    }
  }

  @Override
  public void close() {
    task.close();
  }
}
