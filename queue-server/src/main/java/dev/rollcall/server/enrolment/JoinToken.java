// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.enrolment;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What lets machines enrol.
 *
 * @param uses how many machines may ask
 * @param used how many have
 * @param region of the servers that are made
 * @param labels of the servers that are made
 * @param approval whether somebody is to approve each
 * @param replaces whether a server that has a credential may be taken over without approval
 */
record JoinToken(
    UUID id,
    short participantId,
    String participant,
    int uses,
    int used,
    @Nullable String region,
    Map<String, String> labels,
    boolean approval,
    boolean replaces,
    Instant createdAt,
    String createdBy,
    Instant expiresAt,
    @Nullable Instant revokedAt) {}
