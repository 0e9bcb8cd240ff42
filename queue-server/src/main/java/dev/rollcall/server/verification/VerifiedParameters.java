// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.verification;

import dev.rollcall.protocol.selector.Selectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Parameters that hold to their operation's rules.
 *
 * @param normalised as they travel to the edges
 * @param selectors what they select in one configuration; null for an operation that acts within
 *     none
 */
public record VerifiedParameters(JsonNode normalised, @Nullable Selectors selectors) {}
