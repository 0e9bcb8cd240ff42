// SPDX-License-Identifier: Apache-2.0
/**
 * The settings of the queue server: each is declared once, with its name, default and meaning, and
 * read from a flag or the environment. All problems are reported together.
 *
 * <p>Uses nothing else of the server.
 */
@NullMarked
package dev.rollcall.server.config;

import org.jspecify.annotations.NullMarked;
