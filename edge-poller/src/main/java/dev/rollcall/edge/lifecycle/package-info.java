// SPDX-License-Identifier: Apache-2.0
/**
 * What runs beside the main thread, and how it waits, stops and keeps others out: background
 * threads, wakeable waits, exclusive directories, the monotonic clock.
 *
 * <p>Knows nothing of commands, of the queue server or of a cache.
 */
@NullMarked
package dev.rollcall.edge.lifecycle;

import org.jspecify.annotations.NullMarked;
