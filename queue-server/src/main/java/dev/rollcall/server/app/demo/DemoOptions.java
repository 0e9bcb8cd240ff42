// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for.
 *
 * @param listen null: the usual address, or another port if that is taken
 * @param edges with directory caches, for each participant
 * @param varnish whether Varnish is used where it is installed
 * @param edgePoller null: looked for beside this program
 * @param exit whether it ends when all was shown
 */
record DemoOptions(
    Path data,
    @Nullable String listen,
    int edges,
    boolean varnish,
    @Nullable Path edgePoller,
    boolean exit) {}
