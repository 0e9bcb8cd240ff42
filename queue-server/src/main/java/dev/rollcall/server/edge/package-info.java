// SPDX-License-Identifier: Apache-2.0
/**
 * The edge protocol: polls that bring results and take executions, that wait for work without
 * costing the database anything, and are woken in memory.
 *
 * <p>May use {@code queue}, {@code command} and {@code auth}.
 */
@NullMarked
package dev.rollcall.server.edge;

import org.jspecify.annotations.NullMarked;
