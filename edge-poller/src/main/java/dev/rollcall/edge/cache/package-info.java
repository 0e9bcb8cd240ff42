// SPDX-License-Identifier: Apache-2.0
/**
 * What the poller asks of a cache, whatever its make: {@link dev.rollcall.edge.cache.CacheDriver}
 * declares what it can do and does it. One sub-package for each make; {@code exchange} is how those
 * that speak HTTP to a cache or an origin do so.
 *
 * <p>A driver gets values that were brought to their normal form and authorised before. It still
 * must not build a command, a header, a path or an expression from them without quoting. Knows
 * nothing of leases, of the journal or of the queue server; the drivers know nothing of each other.
 */
@NullMarked
package dev.rollcall.edge.cache;

import org.jspecify.annotations.NullMarked;
