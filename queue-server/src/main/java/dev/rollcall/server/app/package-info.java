// SPDX-License-Identifier: Apache-2.0
/**
 * The program: its subcommands, and the one place where the parts are put together, started and
 * stopped. May use everything; nothing uses it.
 */
@NullMarked
package dev.rollcall.server.app;

import org.jspecify.annotations.NullMarked;
