// SPDX-License-Identifier: Apache-2.0
/**
 * Many callers' requests to the database in one: while one batch is there the next collects.
 *
 * <p>May use {@code db}, for what an error means, and {@code telemetry}. Knows nothing of what is
 * batched.
 */
@NullMarked
package dev.rollcall.server.batch;

import org.jspecify.annotations.NullMarked;
