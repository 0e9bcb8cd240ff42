// SPDX-License-Identifier: Apache-2.0
/**
 * The demo: a federation on one machine, with real caches where they are installed. It starts a
 * queue server through {@link dev.rollcall.server.app.demo.ServerStarter}, edge pollers and Varnish
 * as processes of their own, and then does over the REST interface what a user would do.
 *
 * <p>Whatever it started it stops: on its own end, on Ctrl-C, and what a killed demo left behind at
 * the next start. Each process is noted in the demo's directory before anything relies on it.
 *
 * <p>May use {@code cli}, {@code lifecycle} and the lock of {@code db.embedded}'s data directory.
 * Knows nothing of how the server works inside.
 */
@NullMarked
package dev.rollcall.server.app.demo;

import org.jspecify.annotations.NullMarked;
