// SPDX-License-Identifier: Apache-2.0
/**
 * What a purge, an invalidation or a load acts on: URLs, prefixes, patterns, regular expressions,
 * tags, or everything of one configuration.
 *
 * <p>The queue server and the edge poller use this one piece of code, so that what was authorised
 * is what reaches the cache. Every value is brought to its normal form (RFC 3986 section 6.2)
 * before anybody decides on it. Knows nothing of caches, of HTTP or of who may do what.
 */
@NullMarked
package dev.rollcall.protocol.selector;

import org.jspecify.annotations.NullMarked;
