// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rollcall.protocol.edge.LeaseRenewal;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problems;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads answers: leniently towards what is new, never towards what is needed. */
final class AnswerReader {
  /** An answer that cannot be used; the message says why. */
  static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableException(String message) {
      super(message);
    }
  }

  /** The queue server's are UUIDs; another's may be anything, within reason. */
  private static final int LONGEST_ID = 1_000;

  private static final int SHOWN = 60;

  /** An answer holds 1 MiB of executions at most; this many tokens fit into a heap of 64 MB. */
  private static final long MOST_TOKENS = 400_000;

  private static final JsonMapper BOUNDED = bounded();

  private static JsonMapper bounded() {
    JsonFactory factory = Json.MAPPER.tokenStreamFactory();
    return JsonMapper.builder(
            factory
                .rebuild()
                .streamReadConstraints(
                    factory.streamReadConstraints().rebuild().maxTokenCount(MOST_TOKENS).build())
                .build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }

  private AnswerReader() {}

  static EdgeAnswer poll(byte[] body) throws UnusableException {
    JsonNode root = object(body);
    List<PollAnswer.Execution> executions = new ArrayList<>();
    List<EdgeAnswer.Unreadable> unreadable = new ArrayList<>();
    int nameless = 0;
    for (JsonNode node : array(root, "executions")) {
      if (isNamed(node)) {
        execution(node, executions, unreadable);
      } else {
        nameless++;
      }
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
    return new EdgeAnswer(answer, unreadable, nameless);
  }

  static EnrolmentAnswer enrolment(byte[] body) throws UnusableException {
    JsonNode root = object(body);
    JsonNode server = root.get("server");
    JsonNode token = root.get("token");
    if (server == null || !server.isString() || (token != null && !token.isString())) {
      throw new UnusableException("the answer does not say what became of the enrolment");
    }
    return new EnrolmentAnswer(server.stringValue(), token == null ? null : token.stringValue());
  }

  /** Whether a result could say what it belongs to, and be kept in the journal. */
  private static boolean isNamed(JsonNode node) {
    JsonNode command = node.get("command");
    JsonNode lease = node.get("lease");
    return command != null
        && command.isString()
        && command.stringValue().length() <= LONGEST_ID
        && lease != null
        && lease.isIntegralNumber()
        && lease.canConvertToLong();
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
    unreadable.add(
        new EdgeAnswer.Unreadable(
            node.required("command").stringValue(), node.required("lease").longValue(), missing));
  }

  private static @Nullable String missing(JsonNode node) {
    for (String name : List.of("operation", "parameters", "orderingKey", "leaseSeconds")) {
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
    return list(object(body), "leases", LeaseRenewal.Entry.class, "outcome");
  }

  private static List<PollAnswer.VerdictItem> verdicts(JsonNode root) throws UnusableException {
    return list(root, "results", PollAnswer.VerdictItem.class, "verdict");
  }

  private static JsonNode object(byte[] body) throws UnusableException {
    try {
      JsonNode root = BOUNDED.readTree(body);
      if (root != null && root.isObject()) {
        return root;
      }
    } catch (StreamConstraintsException e) {
      throw new UnusableException("the answer is larger than any answer of a queue server");
    } catch (JacksonException e) {
      // Said below, by what stands there: the parser's words are for programmers.
    }
    String beginning = new String(body, 0, Math.min(body.length, SHOWN), UTF_8);
    throw new UnusableException(
        "the answer is no JSON object but "
            + (body.length == 0 ? "empty" : Problems.shown(beginning))
            + "; is this a queue server's address?");
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

  /**
   * @param further what each element needs beside command and lease
   */
  private static <T> List<T> list(JsonNode root, String name, Class<T> type, String... further)
      throws UnusableException {
    List<String> needed = new ArrayList<>(List.of("command", "lease"));
    needed.addAll(List.of(further));
    List<T> out = new ArrayList<>();
    for (JsonNode node : array(root, name)) {
      for (String field : needed) {
        if (!node.hasNonNull(field)) {
          throw new UnusableException("one of the answer's " + name + " has no " + field);
        }
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
