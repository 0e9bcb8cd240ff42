// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.io.InputStream;
import java.io.PrintStream;

/** Standard input, output and error, as a command sees them. */
public record Streams(InputStream in, PrintStream out, PrintStream err) {}
