// SPDX-License-Identifier: Apache-2.0
/**
 * What the poller tells people about itself: one-line structured logs, the reasons of failed I/O in
 * words, and the status that {@code status} shows.
 *
 * <p>Knows nothing of how any of it came about, and never holds a secret.
 */
@NullMarked
package dev.rollcall.edge.telemetry;

import org.jspecify.annotations.NullMarked;
