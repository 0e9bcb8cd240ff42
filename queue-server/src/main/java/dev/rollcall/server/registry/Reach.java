// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import org.jspecify.annotations.Nullable;

/**
 * What of the registry somebody may touch: all of it, or what belongs to one participant.
 *
 * @param participantId null with {@code all}
 */
public record Reach(boolean all, @Nullable Short participantId) {
  boolean covers(short participant) {
    return all || (participantId != null && participantId == participant);
  }
}
