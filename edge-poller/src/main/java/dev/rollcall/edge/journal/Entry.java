// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.journal;

import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.json.Json;
import java.time.Instant;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One record of the journal. */
sealed interface Entry {
  /** A lease was received. */
  record Held(HeldLease lease) implements Entry {}

  /** A lease has its result, which is owed to the queue server. */
  record Finished(ResultItem result, Instant usefulUntil) implements Entry {}

  /** The queue server has given its verdict on a result. */
  record Settled(LeaseId id) implements Entry {}

  /** An execution succeeded; only written when the file is rewritten. */
  record Succeeded(ResultItem result, Instant usefulUntil) implements Entry {}

  default byte[] toBytes() {
    ObjectNode node = Json.MAPPER.createObjectNode();
    switch (this) {
      case Held(HeldLease(LeaseId id, String operation, Instant receivedAt, Instant until)) ->
          node.put("is", "held")
              .put("command", id.command())
              .put("lease", id.lease())
              .put("operation", operation)
              .put("at", receivedAt.toEpochMilli())
              .put("until", until.toEpochMilli());
      case Finished(ResultItem result, Instant until) -> put(node, "finished", result, until);
      case Succeeded(ResultItem result, Instant until) -> put(node, "succeeded", result, until);
      case Settled(LeaseId id) ->
          node.put("is", "settled").put("command", id.command()).put("lease", id.lease());
    }
    return Json.MAPPER.writeValueAsBytes(node);
  }

  private static void put(ObjectNode node, String is, ResultItem result, Instant until) {
    node.put("is", is).put("until", until.toEpochMilli());
    node.set("result", Json.MAPPER.valueToTree(result));
  }

  /**
   * @throws JacksonException for what this version cannot read
   */
  static Entry of(byte[] bytes) {
    JsonNode node = Json.MAPPER.readTree(bytes);
    return switch (node.path("is").asString("")) {
      case "held" ->
          new Held(
              new HeldLease(
                  id(node),
                  node.required("operation").asString(),
                  Instant.ofEpochMilli(node.required("at").longValue()),
                  until(node)));
      case "finished" -> new Finished(result(node), until(node));
      case "succeeded" -> new Succeeded(result(node), until(node));
      case "settled" -> new Settled(id(node));
      default -> throw new UnknownEntryException(node.path("is").asString(""));
    };
  }

  private static LeaseId id(JsonNode node) {
    return new LeaseId(node.required("command").asString(), node.required("lease").longValue());
  }

  private static ResultItem result(JsonNode node) {
    return Json.MAPPER.treeToValue(node.required("result"), ResultItem.class);
  }

  private static Instant until(JsonNode node) {
    return Instant.ofEpochMilli(node.required("until").longValue());
  }

  /** A record of another version. */
  final class UnknownEntryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownEntryException(String is) {
      super("a record of the unknown kind \"" + is + "\"");
    }
  }
}
