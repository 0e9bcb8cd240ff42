// SPDX-License-Identifier: Apache-2.0
/**
 * Several queue servers on one database: who else is alive, and telling them what happened here.
 * May use {@code queue}, {@code db}, {@code lifecycle} and {@code telemetry}.
 *
 * <h2>What a node owes the others</h2>
 *
 * Nothing that counts: leases, results and ends are decided by rows in the database, whichever node
 * asks. What stands in one node's memory only is which polls wait there. So a node that makes
 * something leasable, marks a live lease as cancelled, or sees an edge arrive, tells the others,
 * and each of them wakes, tells or ends its own parked polls.
 *
 * <h2>How</h2>
 *
 * News is collected and sent by {@code NOTIFY}, in a transaction of its own that never waits for
 * the disk; while one is on its way the next collects. Never in the transaction that made the news:
 * the commit of one that notifies takes a lock shared by the whole cluster. A node without
 * neighbours sends nothing and listens to nothing.
 *
 * <h2>What if it is lost</h2>
 *
 * Notifications are a help to be prompt and nothing more: a session that breaks loses them, a
 * pooler in between may not pass them on. The truth is looked up: each second a node with
 * neighbours reads, by primary key, which commands of the last half minute it has not heard of, and
 * wakes their servers' polls. Half a minute, since commands do not become visible in the order of
 * their numbers: a large fan-out commits after a small one that began later. Whatever escapes even
 * that is found by the next poll, within a minute.
 */
@NullMarked
package dev.rollcall.server.node;

import org.jspecify.annotations.NullMarked;
