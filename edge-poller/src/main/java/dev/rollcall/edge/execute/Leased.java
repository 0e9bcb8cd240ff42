// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import dev.rollcall.edge.journal.LeaseId;
import dev.rollcall.protocol.edge.EdgeLimits;
import dev.rollcall.protocol.edge.PollAnswer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One execution and what remains of its lease. Thread-safe. */
final class Leased {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** Why an execution that runs is to be given up. */
  enum GivenUp {
    STOPPING,
    LEASE_LOST
  }

  private final PollAnswer.Execution execution;
  private final LeaseId id;
  private final long receivedNanos;
  private final Duration executionLimit;
  private long lengthNanos;
  private long usableUntil;
  private long startedNanos;
  private boolean started;
  private boolean renewable = true;
  private long renewNotBefore;
  private @Nullable GivenUp givenUp;
  private @Nullable Thread worker;

  Leased(PollAnswer.Execution execution, long receivedNanos, Duration executionLimit) {
    this.execution = execution;
    this.id = new LeaseId(execution.command(), execution.lease());
    this.receivedNanos = receivedNanos;
    this.executionLimit = executionLimit;
    lengthen(Duration.ofSeconds(execution.leaseSeconds()), receivedNanos);
  }

  PollAnswer.Execution execution() {
    return execution;
  }

  LeaseId id() {
    return id;
  }

  /** The whole lease, as it was at first. */
  int leaseSeconds() {
    return Math.clamp(execution.leaseSeconds(), 1, EdgeLimits.MAX_LEASE_SECONDS);
  }

  /** Whether there ever was time to execute it. */
  synchronized boolean tooShort() {
    return usableUntil - receivedNanos <= 0;
  }

  /** The lease lasts {@code remaining} from this moment on; never longer than any lease may. */
  synchronized void lengthen(Duration remaining, long fromNanos) {
    long seconds = Math.clamp(remaining.toSeconds(), 0L, EdgeLimits.MAX_LEASE_SECONDS);
    lengthNanos = seconds * SECOND;
    renewNotBefore = fromNanos;
    usableUntil = fromNanos + lengthNanos - Math.max(lengthNanos / 10, SECOND);
  }

  /** What remains of the lease, and once it runs also of the time one execution may take. */
  synchronized Duration remaining(long nowNanos) {
    long left = usableUntil - nowNanos;
    if (started) {
      left = Math.min(left, startedNanos + executionLimit.toNanos() - nowNanos);
    }
    return Duration.ofNanos(left);
  }

  synchronized void start(long nowNanos) {
    started = true;
    startedNanos = nowNanos;
  }

  /**
   * When the lease should be renewed; {@link Long#MAX_VALUE} if it needs not be: it has not begun,
   * or may not run longer than the lease lasts in any case.
   */
  synchronized long renewAt() {
    boolean longer = startedNanos + executionLimit.toNanos() - usableUntil > 0;
    return started && renewable && longer && givenUp == null
        ? Math.max(usableUntil - lengthNanos / 2, renewNotBefore)
        : Long.MAX_VALUE;
  }

  /** The last attempt to renew it had no answer. */
  synchronized void renewLater(long nowNanos) {
    renewNotBefore = nowNanos + Math.max(SECOND / 4, lengthNanos / 8);
  }

  synchronized void noMoreRenewals() {
    renewable = false;
  }

  /** The thread that is to be interrupted when the execution is given up. */
  synchronized void workedOnBy(Thread thread) {
    worker = thread;
    if (givenUp != null) {
      thread.interrupt();
    }
  }

  synchronized void giveUp(GivenUp why) {
    if (givenUp == null) {
      givenUp = why;
      if (worker != null) {
        worker.interrupt();
      }
    }
  }

  synchronized @Nullable GivenUp givenUp() {
    return givenUp;
  }
}
