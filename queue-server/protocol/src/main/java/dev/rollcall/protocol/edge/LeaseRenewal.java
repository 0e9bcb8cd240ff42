// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.edge;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The records of {@code POST /v1/edge/leases}. */
public final class LeaseRenewal {
  private LeaseRenewal() {}

  /**
   * @param leases at most {@link EdgeLimits#MAX_RESULTS}
   */
  public record Request(List<Item> leases) {
    public Request {
      leases = List.copyOf(leases);
    }
  }

  /**
   * @param command the command's id
   * @param lease the lease number that is held
   * @param extendSeconds from now on, 1 to {@link EdgeLimits#MAX_LEASE_SECONDS}; never past the
   *     command's deadline, and what remains of the lease is never made shorter
   */
  public record Item(String command, long lease, int extendSeconds) {}

  /** One entry for each item, in that order. */
  public record Answer(List<Entry> leases) {
    public Answer {
      leases = List.copyOf(leases);
    }
  }

  /**
   * @param outcome {@code extended}, {@code stale} (not the current lease: stop) or {@code
   *     cancelled} (not extended; finish or stop, and report)
   * @param leaseSeconds what remains, only with {@code extended}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Entry(String command, long lease, String outcome, @Nullable Long leaseSeconds) {}
}
