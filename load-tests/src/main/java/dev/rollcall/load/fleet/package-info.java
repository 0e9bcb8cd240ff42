// SPDX-License-Identifier: Apache-2.0
/**
 * Simulated edge servers: each keeps one long poll at the queue server over a connection of its
 * own, executes at once what it is handed and reports it with the next poll. Thousands on one
 * thread, which waits for all their sockets together.
 */
@NullMarked
package dev.rollcall.load.fleet;

import org.jspecify.annotations.NullMarked;
