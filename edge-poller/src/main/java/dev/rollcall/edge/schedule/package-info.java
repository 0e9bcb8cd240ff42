// SPDX-License-Identifier: Apache-2.0
/**
 * When to call the queue server next. A function of how the last call ended, of how many ended that
 * way in a row, and of chance.
 *
 * <p>Pure: no I/O, no threads, no clock. Every wait that follows a failure is drawn from the whole
 * interval (full jitter), because ten thousand pollers that lost the same server at the same moment
 * must not come back at the same moment.
 */
@NullMarked
package dev.rollcall.edge.schedule;

import org.jspecify.annotations.NullMarked;
