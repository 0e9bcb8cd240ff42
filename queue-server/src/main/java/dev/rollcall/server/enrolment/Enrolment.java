// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.enrolment;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One machine that asked to be a server.
 *
 * @param serverName within the participant
 * @param hadCredential whether somebody held one for that server when the machine first asked
 * @param address from where it asked
 * @param decidedBy null: nobody had to decide
 */
record Enrolment(
    UUID id,
    UUID joinTokenId,
    short participantId,
    String participant,
    String serverName,
    State state,
    boolean hadCredential,
    String address,
    Instant requestedAt,
    @Nullable Instant decidedAt,
    @Nullable String decidedBy,
    @Nullable String reason,
    @Nullable Instant enrolledAt) {
  /** How far it has come. */
  enum State {
    PENDING,
    APPROVED,
    REFUSED,
    /** It was handed its credential. */
    ENROLLED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static State of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }

    static List<String> words() {
      return Arrays.stream(values()).map(State::word).toList();
    }
  }

  String fullName() {
    return participant + "/" + serverName;
  }
}
