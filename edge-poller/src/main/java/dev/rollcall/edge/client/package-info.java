// SPDX-License-Identifier: Apache-2.0
/**
 * One call to the queue server, and how it ended. Every call is bounded in time by this side alone,
 * so that a half-open connection or a server that hangs ends as a failure.
 *
 * <p>No loops, no retries, no waiting: when to call again is decided in {@code schedule}. Knows
 * nothing of caches or of the journal.
 */
@NullMarked
package dev.rollcall.edge.client;

import org.jspecify.annotations.NullMarked;
