// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.protocol.selector.Selectors;
import dev.rollcall.server.verification.Operations;
import dev.rollcall.server.verification.VerifiedParameters;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A command as it was asked for: well-formed, its parameters verified, nothing resolved yet.
 *
 * @param givenTarget the target as it was written
 */
record CommandRequest(
    String operation,
    Target target,
    JsonNode givenTarget,
    VerifiedParameters parameters,
    Options.Given options) {

  /** Whether a target's names are known to who asks. */
  @FunctionalInterface
  interface NameCheck {
    void check(Target target, @Nullable Selectors selectors, Problems problems);
  }

  /**
   * @param names asked when something else is wrong already: all problems are told at once
   * @throws dev.rollcall.protocol.json.InvalidDocumentException with all problems
   */
  static CommandRequest read(
      JsonNode document, Operations operations, Instant now, NameCheck names) {
    var problems = new Problems();
    Fields body = Fields.of(document, "", problems);
    String operation = operations.known(body, "operation");
    Target target = Target.read(body, problems);
    VerifiedParameters parameters =
        operation == null
            ? null
            : operations.verify(
                operation, body.node("parameters"), body.pointer("parameters"), problems);
    body.node("parameters");
    Options.Given options = Options.read(body, now);
    body.done();
    if (!problems.isEmpty() && target != null) {
      names.check(target, parameters == null ? null : parameters.selectors(), problems);
    }
    problems.throwIfAny();
    return new CommandRequest(
        Objects.requireNonNull(operation),
        Objects.requireNonNull(target),
        Objects.requireNonNull(body.node("target")),
        Objects.requireNonNull(parameters),
        options);
  }
}
