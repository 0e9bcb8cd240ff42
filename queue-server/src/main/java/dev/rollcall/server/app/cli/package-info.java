// SPDX-License-Identifier: Apache-2.0
/**
 * The subcommands that are clients: apply, submit, watch, cancel, report, token create. They speak
 * to a queue server over its REST interface, as anybody else's program would.
 *
 * <p>Uses {@code protocol}'s JSON and nothing else of the server: what these commands need, the
 * interface must offer. Knows no database, no store and no configuration of a server.
 *
 * <p>Whatever a server answers is shown through {@link dev.rollcall.server.app.cli.Printable}: a
 * message may come from another operator's machine, and a terminal obeys escape sequences.
 */
@NullMarked
package dev.rollcall.server.app.cli;

import org.jspecify.annotations.NullMarked;
