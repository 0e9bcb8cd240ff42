// SPDX-License-Identifier: Apache-2.0
/**
 * The poller's durable memory: which leases it holds, which executions succeeded, and which results
 * the queue server has not yet confirmed.
 *
 * <p>The order is: a lease is recorded before it is executed; its result is recorded before it is
 * reported; the result is forgotten when it has a verdict. So after any end of the process a lease
 * is either reported with its result, or reported as released, and an execution that succeeded is
 * not run again however often it is handed out.
 *
 * <p>One file, written only at its end: each record is its length, a CRC-32C and JSON. A record
 * that was torn by a power failure ends the reading; what follows it is dropped and said so. The
 * file is rewritten from memory when it has grown, after any failed write, and at each start.
 *
 * <p>Knows nothing of caches, of HTTP or of when anything is reported.
 */
@NullMarked
package dev.rollcall.edge.journal;

import org.jspecify.annotations.NullMarked;
