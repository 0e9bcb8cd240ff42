// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.edge;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What became of one leased execution.
 *
 * @param command the command's id, as it was handed out
 * @param lease the lease number under which it was executed
 * @param outcome a word of {@link Outcome}
 * @param code a stable word for programs, at most {@link EdgeLimits#MAX_CODE} characters
 * @param message for people, at most {@link EdgeLimits#MAX_MESSAGE_BYTES}
 * @param objects how many cached objects were affected; null: not known
 * @param durationMillis how long it took; null: not measured
 * @param data anything else the cache said, at most {@link EdgeLimits#MAX_DATA_BYTES}
 * @param retry false ends a failed execution; null counts as true
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ResultItem(
    String command,
    long lease,
    String outcome,
    @Nullable String code,
    @Nullable String message,
    @Nullable Long objects,
    @Nullable Long durationMillis,
    @Nullable JsonNode data,
    @Nullable Boolean retry) {}
