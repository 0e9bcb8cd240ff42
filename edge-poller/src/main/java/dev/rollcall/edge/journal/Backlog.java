// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.journal;

/**
 * How much the journal holds.
 *
 * @param held leases without a result
 * @param owed results without a verdict
 * @param succeeded executions that would not be run again
 */
public record Backlog(int held, int owed, int succeeded) {}
