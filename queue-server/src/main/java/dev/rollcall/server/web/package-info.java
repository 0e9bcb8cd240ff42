// SPDX-License-Identifier: Apache-2.0
/**
 * HTTP: the listener with its limits, the table of routes, request bodies, problem answers (RFC
 * 9457). Every answer to a failure is a problem document, also those that never reach a route.
 *
 * <p>May use {@code config}, {@code telemetry}, {@code lifecycle} and the protocol. Knows no
 * feature: routes, the gatekeeper and the meaning of exceptions are handed in.
 */
@NullMarked
package dev.rollcall.server.web;

import org.jspecify.annotations.NullMarked;
