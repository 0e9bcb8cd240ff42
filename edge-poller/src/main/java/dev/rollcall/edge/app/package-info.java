// SPDX-License-Identifier: Apache-2.0
/**
 * The program: its subcommands, and the one place where all parts are put together, started and
 * stopped.
 */
@NullMarked
package dev.rollcall.edge.app;

import org.jspecify.annotations.NullMarked;
