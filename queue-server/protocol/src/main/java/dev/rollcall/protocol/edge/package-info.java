// SPDX-License-Identifier: Apache-2.0
/**
 * The records of the edge protocol: what an edge poller and a queue server say to each other at
 * {@code POST /v1/edge/poll}, {@code /v1/edge/results} and {@code /v1/edge/leases}. The rules they
 * follow are in this module's README.
 *
 * <p>Data only: knows nothing of HTTP, of a queue or of a cache.
 */
@NullMarked
package dev.rollcall.protocol.edge;

import org.jspecify.annotations.NullMarked;
