// SPDX-License-Identifier: Apache-2.0
/**
 * What may be commanded: the operations with the rules for their parameters, those the product
 * knows and those that operators add with a JSON Schema.
 *
 * <p>May use {@code registry}. Knows no callers, no targets and no queue.
 */
@NullMarked
package dev.rollcall.server.verification;

import org.jspecify.annotations.NullMarked;
