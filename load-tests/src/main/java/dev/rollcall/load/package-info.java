// SPDX-License-Identifier: Apache-2.0
/**
 * Programs that put the running jars under load, check by themselves that nothing was lost, doubled
 * or out of order, and measure. {@link dev.rollcall.load.Main} takes the name of a scenario.
 */
@NullMarked
package dev.rollcall.load;

import org.jspecify.annotations.NullMarked;
