// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.measure;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what has been used so far; two readings make a {@link Usage}. Immutable.
 *
 * @param serverPid null: no queue server takes part
 * @param postmasterPid null: the database is not on this machine, its CPU time is not known
 * @param walBytes the position of the write-ahead log, in bytes
 */
public record Probe(@Nullable Long serverPid, @Nullable Long postmasterPid, LongSupplier walBytes) {
  /**
   * Seconds of CPU, and bytes of log, since the processes began.
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
      long wal) {}

  public Reading read() {
    ProcFiles.Machine machine = ProcFiles.machine();
    return new Reading(
        System.nanoTime(),
        serverPid == null ? 0 : ProcFiles.seconds(serverPid),
        postmasterPid == null ? 0 : ProcFiles.secondsWithChildren(postmasterPid),
        ProcFiles.seconds(ProcessHandle.current().pid()),
        machine.busy(),
        machine.capacity(),
        walBytes.getAsLong());
  }

  /** Resident memory of the server, in bytes; 0: none takes part. */
  public long serverResidentBytes() {
    return serverPid == null ? 0 : ProcFiles.residentBytes(serverPid);
  }
}
