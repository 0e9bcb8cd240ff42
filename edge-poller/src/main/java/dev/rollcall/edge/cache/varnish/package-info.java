// SPDX-License-Identifier: Apache-2.0
/**
 * Varnish, commanded over HTTP through the VCL that is shipped as {@code
 * samples/varnish/rollcall.vcl}: objects by URL are purged, everything else is banned by the
 * headers under which that VCL keeps its objects.
 *
 * <p>What a ban's expression may be is decided by {@link dev.rollcall.edge.cache.varnish.BanRegex}:
 * an expression that exceeds the match limit of PCRE2 in a ban stops the whole cache process
 * (Varnish 7.1), with the objects of every configuration in it.
 */
@NullMarked
package dev.rollcall.edge.cache.varnish;

import org.jspecify.annotations.NullMarked;
