// SPDX-License-Identifier: Apache-2.0
/**
 * Commands on their whole way: REST, queue, poller, real cache, rollup; all of it the shipped jars.
 */
@NullMarked
package dev.rollcall.load.journey;

import org.jspecify.annotations.NullMarked;
