// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.edge;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reports results, then asks for work.
 *
 * @param capacity how many executions the answer may hold, 0 to {@link EdgeLimits#MAX_CAPACITY}; 0
 *     only reports
 * @param waitSeconds how long to wait when there is nothing, 0 to {@link
 *     EdgeLimits#MAX_WAIT_SECONDS}; the server may shorten it
 * @param results what is owed, at most {@link EdgeLimits#MAX_RESULTS}
 * @param poller who asks
 * @param resynced the id of the {@link PollAnswer.Resync} that has been carried out, or null
 */
public record PollRequest(
    int capacity,
    int waitSeconds,
    List<ResultItem> results,
    @Nullable PollerInfo poller,
    @Nullable String resynced) {
  public PollRequest {
    results = List.copyOf(results);
  }

  /**
   * The process that polls.
   *
   * @param instance random for each process; a new poll of the same instance ends its earlier one
   * @param version of the program, for people
   * @param operations what it can execute; null: not said
   */
  public record PollerInfo(
      String instance, @Nullable String version, @Nullable List<String> operations) {}
}
