// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.json;

/**
 * One thing that is wrong with a document.
 *
 * @param pointer where: a JSON pointer (RFC 6901), {@code ""} for the document itself
 * @param message what was found and what is allowed, for a person
 */
public record Problem(String pointer, String message) {}
