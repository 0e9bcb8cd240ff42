// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.journal;

import java.time.Instant;

/**
 * A lease that has no result yet.
 *
 * @param operation for people
 * @param receivedAt by this machine's clock
 * @param usefulUntil the command's deadline by this machine's clock: after it the execution is not
 *     handed out again, so its outcome need not be remembered
 */
public record HeldLease(LeaseId id, String operation, Instant receivedAt, Instant usefulUntil) {}
