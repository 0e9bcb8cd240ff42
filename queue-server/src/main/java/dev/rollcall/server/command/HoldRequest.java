// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.registry.Configuration;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.verification.Operations;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A hold as it was asked for, its names looked up. What is null matches anything.
 *
 * @param until null: until it is taken back
 * @param reason for people
 */
record HoldRequest(
    String name,
    @Nullable Integer originId,
    @Nullable Integer participantId,
    @Nullable Integer configurationId,
    @Nullable String configuration,
    @Nullable String operation,
    @Nullable Instant until,
    @Nullable String reason) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final int LONGEST_REASON = 1_000;
  private static final Duration LONGEST = Duration.ofDays(3_650);

  /**
   * Reads a hold, strictly.
   *
   * @param now what {@code until} must lie after
   * @throws dev.rollcall.protocol.json.InvalidDocumentException with all problems
   */
  static HoldRequest read(
      String name, JsonNode document, Registry registry, Operations operations, Instant now) {
    var problems = new Problems();
    if (!isName(name)) {
      problems.add(
          "/name", "is " + Problems.shown(name) + "; a-z, 0-9 and - are allowed, at most 63");
    }
    Fields body = Fields.of(document, "", problems);
    Integer origin = participant(body, "origin", registry);
    Integer participant = participant(body, "participant", registry);
    Configuration configuration = configuration(body, registry);
    String operation = body.has("operation") ? operations.known(body, "operation") : null;
    Instant until = body.instant("until");
    if (until != null && (!until.isAfter(now) || until.isAfter(now.plus(LONGEST)))) {
      body.problem(
          "until",
          "is "
              + until
              + "; a time in the future, at most "
              + LONGEST.toDays()
              + " days ahead, is needed");
    }
    String reason = body.text("reason", LONGEST_REASON);
    if (body.isObject()
        && !body.has("origin")
        && !body.has("participant")
        && !body.has("configuration")
        && !body.has("operation")) {
      body.problem("holds everything; give origin, participant, configuration or operation");
    }
    body.done();
    problems.throwIfAny();
    return new HoldRequest(
        name,
        origin,
        participant,
        configuration == null ? null : Integer.valueOf(configuration.id()),
        configuration == null ? null : configuration.fullName(),
        operation,
        until,
        reason);
  }

  /** Whether a hold may be named so. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  private static @Nullable Integer participant(Fields body, String field, Registry registry) {
    String name = body.text(field, 1_000);
    if (name == null) {
      return null;
    }
    Participant participant = registry.participant(name);
    if (participant == null) {
      body.problem(field, "is " + Problems.shown(name) + "; there is no such participant");
      return null;
    }
    return Integer.valueOf(participant.id());
  }

  private static @Nullable Configuration configuration(Fields body, Registry registry) {
    String name = body.text("configuration", 1_000);
    if (name == null) {
      return null;
    }
    Configuration configuration = registry.configuration(name);
    if (configuration == null) {
      body.problem(
          "configuration", "is " + Problems.shown(name) + "; there is no such configuration");
    }
    return configuration;
  }
}
