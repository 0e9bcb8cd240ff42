// SPDX-License-Identifier: Apache-2.0
/** The figures that are to be reached, and whether they were. Knows no scenario. */
@NullMarked
package dev.rollcall.load.goal;

import org.jspecify.annotations.NullMarked;
