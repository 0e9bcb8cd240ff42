// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP/1.1 requests to a cache or an origin, byte for byte as they are given: any method, any
 * {@code Host}, and a target that is sent exactly as it stands. The client of the JDK drops the
 * question mark of an empty query, so it cannot name every object there is, and it does not let go
 * of its own {@code Host} without a switch for the whole process.
 *
 * <p>Redirects are never followed. A host is looked up once for each connection, and only the
 * address that was then admitted is connected to. Knows nothing of any particular cache.
 */
@NullMarked
package dev.rollcall.edge.cache.exchange;

import org.jspecify.annotations.NullMarked;
