// SPDX-License-Identifier: Apache-2.0
/**
 * Clients that hold connections to a queue server, or keep it busy, and never ask anything
 * properly: many of them on one thread. Knows nothing of edges and commands.
 */
@NullMarked
package dev.rollcall.load.hostile;

import org.jspecify.annotations.NullMarked;
