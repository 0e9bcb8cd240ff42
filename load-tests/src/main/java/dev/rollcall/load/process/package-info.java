// SPDX-License-Identifier: Apache-2.0
/**
 * The queue server under test, as a process of its own from its jar, and what an operator does with
 * it over REST. Whatever is started here is stopped here, by its process id.
 */
@NullMarked
package dev.rollcall.load.process;

import org.jspecify.annotations.NullMarked;
