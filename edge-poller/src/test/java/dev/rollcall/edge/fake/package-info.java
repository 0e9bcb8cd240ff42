// SPDX-License-Identifier: Apache-2.0
/**
 * The other ends of the poller, for tests: a queue server that follows the contract, an origin, a
 * real varnishd, and the poller itself as a process.
 */
@NullMarked
package dev.rollcall.edge.fake;

import org.jspecify.annotations.NullMarked;
