// SPDX-License-Identifier: Apache-2.0
/**
 * Strict reading of JSON that comes from outside: every problem of a document is found in one pass
 * and named by its JSON pointer (RFC 6901), with the value given and what is allowed.
 *
 * <p>Knows nothing of commands, of HTTP or of a database.
 */
@NullMarked
package dev.rollcall.protocol.json;

import org.jspecify.annotations.NullMarked;
