// SPDX-License-Identifier: Apache-2.0
/**
 * A very small HTTP/1.1 client: keep-alive, one request at a time on a connection, bodies whole in
 * memory. The clients share two cores with what they measure, so a request has to cost next to
 * nothing; RATIONALE.md says what was weighed.
 */
@NullMarked
package dev.rollcall.load.http;

import org.jspecify.annotations.NullMarked;
