// SPDX-License-Identifier: Apache-2.0
/**
 * The core: executions by server. Fan-out into the queue, leases, results, renewals, ends that the
 * server decides, and the counters; each a set-based statement over many servers, called in
 * batches.
 *
 * <p>May use {@code db}, {@code lifecycle} and {@code telemetry}. Knows no HTTP, no parameters and
 * no registry: servers, participants and commands are numbers here.
 *
 * <h2>What a lease is</h2>
 *
 * A row of {@code rollcall.queue} is <em>leased</em> while {@code leased_at > -infinity} and {@code
 * visible_at} lies ahead; all else is pending. The database's clock is the authority: rows are
 * written with {@code clock_timestamp()} and compared with {@code statement_timestamp()}, and the
 * edge is told how many seconds remain. The lease number is the fencing token: it grows with each
 * lease and never goes back, and a result counts only while its number is the row's and the row is
 * not given back. A lapse writes nothing: a row whose time is over may be leased again, and until
 * that happens its late result is still good.
 *
 * <h2>Locks</h2>
 *
 * Every transaction takes them in one order: advisory locks of ordering keys (ascending), rows of
 * {@code queue} (by primary key), rows of {@code rollup} (by primary key), rows of {@code resync}
 * (by primary key; only where something expired that was never handed out). Nothing that settles
 * touches {@code command}: when a rollup row fills up, a transaction of its own ends the command.
 *
 * <h2>Picking</h2>
 *
 * {@link dev.rollcall.server.queue.Picker} decides in memory what may be leased, from a window of
 * each server's rows that was read without locks; {@code LeaseStore.take} then locks exactly those
 * rows, leaving out what somebody else holds, and leases them. What changed in between fails its
 * lease number or its time; then the transaction is done again, and of each ordering key only the
 * unbroken front is leased.
 *
 * <h2>Holds</h2>
 *
 * What an operator holds is left out by {@code Picker}; nothing else changes for it: it expires, is
 * cancelled, and takes results of leases that live. Order is order: what stands behind a held
 * execution in its ordering key and lane waits too. A node heeds a change of the holds within a
 * second.
 */
@NullMarked
package dev.rollcall.server.queue;

import org.jspecify.annotations.NullMarked;
