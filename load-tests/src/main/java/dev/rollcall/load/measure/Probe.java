// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.measure;

import dev.rollcall.load.database.Counters;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what has been used so far; two readings make a {@link Usage}. Immutable.
 *
 * @param serverPid null: no queue server takes part
 * @param postmasterPid null: the database is not on this machine, its CPU time is not known
 * @param counters of the database
 */
public record Probe(
    @Nullable Long serverPid, @Nullable Long postmasterPid, Supplier<Counters> counters) {
  /**
   * Seconds of CPU since the processes began, and what the database has counted.
   *
   * @param at {@link System#nanoTime}
   */
  public record Reading(
      long at,
      double server,
      double database,
      double client,
      double busy,
      double capacity,
      Counters counters) {}

  /** The same processes, another database. */
  public Probe with(Supplier<Counters> others) {
    return new Probe(serverPid, postmasterPid, others);
  }

  public Reading read() {
    ProcFiles.Machine machine = ProcFiles.machine();
    return new Reading(
        System.nanoTime(),
        serverPid == null ? 0 : ProcFiles.seconds(serverPid),
        postmasterPid == null ? 0 : ProcFiles.secondsWithChildren(postmasterPid),
        ProcFiles.seconds(ProcessHandle.current().pid()),
        machine.busy(),
        machine.capacity(),
        counters.get());
  }

  /** The most resident memory the server ever had, in bytes; 0: none takes part. */
  public long serverPeakBytes() {
    return serverPid == null ? 0 : ProcFiles.peakBytes(serverPid);
  }

  /** Resident memory of the server, in bytes; 0: none takes part. */
  public long serverResidentBytes() {
    return serverPid == null ? 0 : ProcFiles.residentBytes(serverPid);
  }
}
