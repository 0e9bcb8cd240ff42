// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import dev.rollcall.protocol.edge.LeaseRenewal;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.json.InvalidDocumentException;
import dev.rollcall.protocol.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads answers: leniently towards what is new, never towards what is needed. */
final class AnswerReader {
  /** An answer that cannot be used; the message says why. */
  static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableException(String message) {
      super(message);
    }
  }

  private AnswerReader() {}

  static EdgeAnswer poll(byte[] body) throws UnusableException {
    JsonNode root = object(body);
    List<PollAnswer.Execution> executions = new ArrayList<>();
    List<EdgeAnswer.Unreadable> unreadable = new ArrayList<>();
    for (JsonNode node : array(root, "executions")) {
      execution(node, executions, unreadable);
    }
    JsonNode pollAfter = root.get("pollAfterSeconds");
    var answer =
        new PollAnswer(
            verdicts(root),
            executions,
            list(root, "cancelled", PollAnswer.LeaseRef.class),
            pollAfter != null && pollAfter.canConvertToInt()
                ? Math.max(0, pollAfter.intValue())
                : 0,
            null);
    return new EdgeAnswer(answer, unreadable);
  }

  private static void execution(
      JsonNode node,
      List<PollAnswer.Execution> executions,
      List<EdgeAnswer.Unreadable> unreadable) {
    String missing = missing(node);
    if (missing == null) {
      try {
        executions.add(Json.MAPPER.treeToValue(node, PollAnswer.Execution.class));
        return;
      } catch (JacksonException e) {
        missing = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      }
    }
    JsonNode command = node.get("command");
    JsonNode lease = node.get("lease");
    if (command != null && command.isString() && lease != null && lease.canConvertToLong()) {
      unreadable.add(new EdgeAnswer.Unreadable(command.stringValue(), lease.longValue(), missing));
    }
  }

  private static @Nullable String missing(JsonNode node) {
    for (String name :
        List.of("command", "lease", "operation", "parameters", "orderingKey", "leaseSeconds")) {
      if (!node.hasNonNull(name)) {
        return name + " is missing";
      }
    }
    return null;
  }

  static List<PollAnswer.VerdictItem> results(byte[] body) throws UnusableException {
    return verdicts(object(body));
  }

  static List<LeaseRenewal.Entry> renewals(byte[] body) throws UnusableException {
    return list(object(body), "leases", LeaseRenewal.Entry.class);
  }

  private static List<PollAnswer.VerdictItem> verdicts(JsonNode root) throws UnusableException {
    return list(root, "results", PollAnswer.VerdictItem.class);
  }

  private static JsonNode object(byte[] body) throws UnusableException {
    try {
      JsonNode root = Json.parse(body);
      if (root.isObject()) {
        return root;
      }
      throw new UnusableException("the answer is no JSON object");
    } catch (InvalidDocumentException e) {
      throw new UnusableException("the answer cannot be read: " + e.getMessage());
    }
  }

  private static List<JsonNode> array(JsonNode root, String name) throws UnusableException {
    JsonNode node = root.get(name);
    if (node == null || node.isNull()) {
      return List.of();
    }
    if (!node.isArray()) {
      throw new UnusableException("the answer's " + name + " is no array");
    }
    List<JsonNode> out = new ArrayList<>();
    node.forEach(out::add);
    return out;
  }

  private static <T> List<T> list(JsonNode root, String name, Class<T> type)
      throws UnusableException {
    List<T> out = new ArrayList<>();
    for (JsonNode node : array(root, name)) {
      if (!node.hasNonNull("command") || !node.hasNonNull("lease")) {
        throw new UnusableException("the answer's " + name + " name no command or lease");
      }
      try {
        out.add(Json.MAPPER.treeToValue(node, type));
      } catch (JacksonException e) {
        throw new UnusableException("the answer's " + name + " cannot be read");
      }
    }
    return out;
  }
}
