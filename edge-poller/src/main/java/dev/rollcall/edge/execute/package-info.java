// SPDX-License-Identifier: Apache-2.0
/**
 * From a lease to the cache, and back to a result.
 *
 * <p>The executions of one ordering key run one after the other, in the order in which they came;
 * keys run beside each other, each on a virtual thread. An answer's executions of one key are a
 * run: when one of them fails and is to be tried again, or is released, the later ones of the run
 * are released, because the queue server will hand them out again in order. Executions without a
 * key have no order.
 *
 * <p>Each execution must end a tenth of its lease (at least a second) before the lease does, by the
 * monotonic clock, counted from when the answer came in: after that the queue server may hand it to
 * somebody else. Before it reaches a cache its parameters are brought to their normal form once
 * more and held against the configuration's hosts: what is executed is decided here, not by the
 * sender. An execution that the journal knows to have succeeded is reported and not run.
 *
 * <p>Knows nothing of HTTP to the queue server, nor of when anything is reported.
 */
@NullMarked
package dev.rollcall.edge.execute;

import org.jspecify.annotations.NullMarked;
