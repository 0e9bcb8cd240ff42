// SPDX-License-Identifier: Apache-2.0
/**
 * The server's metrics: each is declared once, with its name and meaning, and served as Prometheus
 * text.
 *
 * <p>Uses nothing else of the server.
 */
@NullMarked
package dev.rollcall.server.telemetry;

import org.jspecify.annotations.NullMarked;
