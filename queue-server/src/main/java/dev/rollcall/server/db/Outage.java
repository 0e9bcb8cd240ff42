// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells that a database went away, and that it is back: one line each, however many pools and
 * threads find out. Thread-safe.
 */
final class Outage {
  private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

  /**
   * For so long nothing may have failed before it counts as back: connections that broke meanwhile
   * are found one by one.
   */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private static final Map<String, Outage> ALL = new ConcurrentHashMap<>();

  private final DatabaseAddress address;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean away;

  @GuardedBy("lock")
  private long since;

  @GuardedBy("lock")
  private long lastFailure;

  @GuardedBy("lock")
  private long firstSuccess;

  @GuardedBy("lock")
  private boolean succeeded;

  Outage(DatabaseAddress address, LongSupplier nanoTime) {
    this.address = address;
    this.nanoTime = nanoTime;
  }

  /** The one for all who use this database. */
  static Outage of(DatabaseAddress address) {
    return ALL.computeIfAbsent(address.url(), url -> new Outage(address, System::nanoTime));
  }

  boolean isOn() {
    return away;
  }

  long now() {
    return nanoTime.getAsLong();
  }

  /** What is to be thrown: the failure itself, unless it is that the database is away. */
  RuntimeException failed(RuntimeException failure) {
    if (!DatabaseErrors.isAway(failure) && !(away && DatabaseErrors.hasNoConnection(failure))) {
      return failure;
    }
    lock.lock();
    try {
      lastFailure = now();
      succeeded = false;
      if (!away) {
        away = true;
        since = lastFailure;
        LOG.warn(
            "the database {} is away ({}); requests that need it are answered 503 and nothing is"
                + " lost; it is tried again until it is back",
            address,
            reason(failure));
        LOG.debug("how the first of them found out", failure);
      }
    } finally {
      lock.unlock();
    }
    return new DatabaseAwayException(address);
  }

  /**
   * Something was done.
   *
   * @param begun when; what began before the last failure proves nothing
   */
  void worked(long begun) {
    if (!away) {
      return;
    }
    lock.lock();
    try {
      if (!away || begun - lastFailure < 0) {
        return;
      }
      if (!succeeded) {
        succeeded = true;
        firstSuccess = now();
      }
      if (now() - lastFailure >= SETTLED.toNanos()) {
        away = false;
        LOG.info(
            "the database {} is back; it was away for {} s",
            address,
            String.format(Locale.ROOT, "%.1f", (firstSuccess - since) / 1e9));
      }
    } finally {
      lock.unlock();
    }
  }

  /** The innermost message that there is, which is the driver's or the system's. */
  private String reason(Throwable failure) {
    String message = "";
    for (Throwable t = failure; t != null; t = t.getCause()) {
      message = t.getMessage() == null ? message : t.getMessage();
    }
    return address.redacted(message.lines().findFirst().orElse("no reason given"));
  }
}
