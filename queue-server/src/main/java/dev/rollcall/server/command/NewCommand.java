// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.auth.Act;
import dev.rollcall.server.auth.Caller;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A command that is about to be stored.
 *
 * @param by who asked
 * @param idempotency null: no key was given
 * @param retryOf the command whose failed executions this one repeats; null: none
 */
record NewCommand(
    UUID id,
    Caller by,
    String operation,
    JsonNode target,
    JsonNode parameters,
    Options options,
    Resolved resolved,
    @Nullable Idempotency idempotency,
    @Nullable UUID retryOf) {

  /**
   * @param scope whose key it is
   * @param key as the caller gave it
   * @param digest of what was asked, in hexadecimal
   */
  record Idempotency(String scope, String key, String digest) {}

  String createdBy() {
    return by.subject();
  }

  /** What is noted of it: whom and what it concerns and how far it reaches, not what it carries. */
  Act act() {
    Resolved.Within within = resolved.configuration();
    return Act.by(by, retryOf == null ? "command-submit" : "command-retry", "commands/" + id)
        .concerning(resolved.originId())
        .with("operation", operation)
        .with("configuration", within == null ? null : within.fullName())
        .with("targeted", resolved.servers().size())
        .with("rejected", resolved.refused().size())
        .with("retryOf", retryOf == null ? null : retryOf.toString());
  }

  long orderingHash() {
    return OrderingHash.of(resolved.originId(), options.orderingKey());
  }

  /** About how much an answer to a poll grows by one execution of this. */
  int payloadBytes() {
    Resolved.Within configuration = resolved.configuration();
    int hosts =
        configuration == null
            ? 0
            : configuration.fullName().length()
                + String.join("\",\"", configuration.hosts()).length();
    return 400 + bytes(parameters.toString()) + hosts + bytes(options.orderingKey());
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
