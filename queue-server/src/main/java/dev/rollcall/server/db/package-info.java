// SPDX-License-Identifier: Apache-2.0
/**
 * The way to PostgreSQL: the embedded server, pools with their settings, the schema check,
 * transactions that are repeated when the database says they may.
 *
 * <p>May use {@code config}, {@code lifecycle}, {@code telemetry}. Knows no table.
 */
@NullMarked
package dev.rollcall.server.db;

import org.jspecify.annotations.NullMarked;
