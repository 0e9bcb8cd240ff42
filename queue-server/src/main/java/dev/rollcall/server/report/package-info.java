// SPDX-License-Identifier: Apache-2.0
/**
 * SQL reports: the files of {@code sql/reports} run as they stand, read-only, with a time limit and
 * on connections of their own.
 *
 * <p>May use {@code db}, {@code auth} and {@code web}. Reads views only, never a table.
 */
@NullMarked
package dev.rollcall.server.report;

import org.jspecify.annotations.NullMarked;
