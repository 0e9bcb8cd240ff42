// SPDX-License-Identifier: Apache-2.0
/**
 * What has to be done again and again, by one node at a time: looking after commands, making the
 * partitions of days to come. Which node does it is decided by a lease in the database; a node that
 * lost it without noticing does no harm, since every step may be done twice. Retention, in a thread
 * of its own, and the diagnosis that {@code doctor} prints.
 *
 * <p>May use {@code queue}, {@code command} and {@code db}.
 */
@NullMarked
package dev.rollcall.server.upkeep;

import org.jspecify.annotations.NullMarked;
