// SPDX-License-Identifier: Apache-2.0
/**
 * Requests nobody would make on purpose: random ones by the server's own description, and hostile
 * ones byte by byte. All follow from a seed and a number, so that one can be made again. Afterwards
 * the database is held against what was answered.
 */
@NullMarked
package dev.rollcall.load.fuzz;

import org.jspecify.annotations.NullMarked;
