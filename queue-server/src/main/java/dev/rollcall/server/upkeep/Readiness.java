// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import dev.rollcall.server.db.Pool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the database lets a server do its work. */
public final class Readiness {
  /** What is said when nothing is wrong. */
  public static final String OK = "ok";

  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

  private Readiness() {}

  /** {@link #OK}, or what is wrong in words. */
  public static String of(Pool pool) {
    try {
      boolean there = pool.withHandle(handle -> UpkeepStore.hasPartitions(handle, 1));
      return there ? OK : "there is no partition for the results of today, or of tomorrow";
    } catch (RuntimeException e) {
      LOG.warn("not ready: {}", e.getMessage());
      return "cannot be reached, or does not answer";
    }
  }
}
