// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

import dev.rollcall.load.history.Result;

/**
 * How simulated edges poll and what they report.
 *
 * @param capacity how many executions an answer may hold
 * @param waitSeconds how long a poll waits that brings nothing
 * @param failing one result in so many is a failure that ends its execution; 0: none
 * @param retrying one first lease in so many fails and is to be tried again; 0: none
 */
public record Behaviour(int capacity, int waitSeconds, int failing, int retrying) {
  /**
   * How long a poll waits that brings results: their verdicts come with its answer, and a run must
   * not last half a minute longer for them.
   */
  static final int REPORT_WAIT_SECONDS = 1;

  /** Always the same for the same lease, so that a result that is sent again is equal. */
  Result resultOf(int server, int command, long lease) {
    int hash = (server * 31 + command) * 31 + (int) lease;
    int spread = (hash * 0x9E3779B1) >>> 8;
    if (retrying > 0 && lease == 1 && spread % retrying == 0) {
      return Result.RETRY;
    }
    return failing > 0 && spread % failing == 1 ? Result.FAILED : Result.SUCCEEDED;
  }
}
