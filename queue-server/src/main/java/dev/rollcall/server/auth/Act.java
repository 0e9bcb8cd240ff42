// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import dev.rollcall.protocol.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What somebody did, for the audit record. It holds names and counts, never a secret and never what
 * a command carries.
 *
 * @param subject who
 * @param address from where; null: from nowhere but the server itself
 * @param actor the participant whose token it was; null: an operator's, or nobody's
 * @param action a word, like {@code execution-end}
 * @param object what it is done to, by its name in the API
 * @param outcome {@code done} or {@code refused}
 * @param times how often
 * @param concerns at most two participants: who may read of it
 * @param detail an object
 */
public record Act(
    String subject,
    @Nullable String address,
    @Nullable Short actor,
    String action,
    String object,
    String outcome,
    int times,
    List<Short> concerns,
    JsonNode detail) {
  /** Who it is when nobody called. */
  private static final String THE_SERVER = "server:itself";

  private static final int MOST_CONCERNED = 2;

  public Act {
    concerns = List.copyOf(concerns);
  }

  /**
   * @param caller null: the server itself
   */
  public static Act by(@Nullable Caller caller, String action, String object) {
    return new Act(
        caller == null ? THE_SERVER : caller.subject(),
        caller == null ? null : caller.address(),
        caller == null ? null : caller.participantId(),
        action,
        object,
        "done",
        1,
        concerned(caller),
        Json.MAPPER.createObjectNode());
  }

  /** What somebody did who holds no token of the API yet. */
  public static Act byStranger(String subject, String address, String action, String object) {
    return new Act(
        subject,
        address,
        null,
        action,
        object,
        "done",
        1,
        List.of(),
        Json.MAPPER.createObjectNode());
  }

  private static List<Short> concerned(@Nullable Caller caller) {
    Short own = caller == null ? null : caller.participantId();
    return own == null ? List.of() : List.of(own);
  }

  /** Whom it concerns beside who did it; null and 0, the federation's operators, are nobody. */
  public Act concerning(@Nullable Short... participants) {
    List<Short> named = new ArrayList<>();
    for (Short participant : participants) {
      if (participant != null && participant != 0) {
        named.add(participant);
      }
    }
    named.addAll(concerns);
    return new Act(
        subject,
        address,
        actor,
        action,
        object,
        outcome,
        times,
        named.stream().distinct().limit(MOST_CONCERNED).toList(),
        detail);
  }

  public Act with(JsonNode told) {
    return new Act(subject, address, actor, action, object, outcome, times, concerns, told);
  }

  /** With one more thing to tell; nothing when there is no value. */
  public Act with(String name, @Nullable String value) {
    ObjectNode told = (ObjectNode) detail.deepCopy();
    if (value != null) {
      told.put(name, value);
    }
    return with(told);
  }

  public Act with(String name, int value) {
    return with(((ObjectNode) detail.deepCopy()).put(name, value));
  }

  Act refused(int often) {
    return new Act(subject, address, actor, action, object, "refused", often, concerns, detail);
  }
}
