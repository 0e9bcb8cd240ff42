// SPDX-License-Identifier: Apache-2.0
/**
 * The conversation with the queue server: asks for work while there is room, reports results at
 * once and until each has a verdict, keeps up the leases of what runs long.
 *
 * <p>At most one poll is out at a time, so no more is ever leased than there is room for. Results
 * that are ready while a poll is held by the server do not wait for it, and do not end it: they go
 * by {@code /v1/edge/results}. When to call again after a failure is decided in {@code schedule};
 * what is done with an execution, in {@code execute}. Knows nothing of caches.
 */
@NullMarked
package dev.rollcall.edge.poll;

import org.jspecify.annotations.NullMarked;
