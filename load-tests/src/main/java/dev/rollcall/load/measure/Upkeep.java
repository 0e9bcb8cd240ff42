// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.measure;

import dev.rollcall.load.database.Counters;

/**
 * What the database did besides, while something was measured.
 *
 * @param checkpoint whether one was finished
 * @param vacuums of autovacuum, finished or still running
 * @param fullPages that went into the write-ahead log, for each execution
 */
public record Upkeep(boolean checkpoint, long vacuums, double fullPages) {
  static Upkeep between(Counters from, Counters to, long executions) {
    return new Upkeep(
        to.checkpoint() != from.checkpoint(),
        to.vacuums() - from.vacuums() + to.vacuuming(),
        (to.fullPages() - from.fullPages()) / (double) Math.max(1, executions));
  }
}
