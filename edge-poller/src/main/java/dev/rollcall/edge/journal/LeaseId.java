// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.journal;

import dev.rollcall.protocol.edge.ResultItem;

/**
 * One hand-out of one execution.
 *
 * @param command the command's id
 * @param lease the lease number
 */
public record LeaseId(String command, long lease) {
  public static LeaseId of(ResultItem result) {
    return new LeaseId(result.command(), result.lease());
  }
}
