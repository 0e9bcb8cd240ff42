// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

/**
 * A content provider.
 *
 * @param participantId its native participant
 */
public record Customer(int id, short participantId, String fullName, String name) {}
