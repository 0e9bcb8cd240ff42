// SPDX-License-Identifier: Apache-2.0
/**
 * What an operator can set, read strictly from a YAML file, from the environment and from flags:
 * every problem is found in one pass and names the setting, the value given and what is allowed.
 *
 * <p>Records and their reading only. Opens nothing, connects to nothing, and knows none of those
 * who use the settings.
 */
@NullMarked
package dev.rollcall.edge.config;

import org.jspecify.annotations.NullMarked;
