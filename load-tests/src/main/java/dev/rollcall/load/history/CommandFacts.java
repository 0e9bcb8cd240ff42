// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import java.util.UUID;

/**
 * A command as the database holds it.
 *
 * @param number in the run
 * @param seq its place in the order of acceptance
 * @param lane 0 urgent, 1 normal, 2 bulk
 * @param key the hash of its ordering key; 0: no order
 * @param targeted how many executions it has
 * @param completed whether it has ended
 */
record CommandFacts(
    int number, UUID id, long seq, int lane, long key, int targeted, boolean completed) {}
