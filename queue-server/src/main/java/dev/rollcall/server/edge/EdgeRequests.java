// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import dev.rollcall.protocol.edge.EdgeLimits;
import dev.rollcall.protocol.edge.LeaseRenewal;
import dev.rollcall.protocol.edge.PollRequest;
import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.web.Storable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads what edges send. The shape is checked as a whole; fields that a newer edge may send are
 * ignored; texts that are too long are cut.
 */
final class EdgeRequests {
  private static final Pattern OPERATION = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final int MOST_OPERATIONS = 200;

  private EdgeRequests() {}

  static PollRequest poll(JsonNode document) {
    var problems = new Problems();
    Fields body = Fields.of(document, "", problems);
    body.require("capacity");
    Integer capacity = body.integer("capacity", 0, EdgeLimits.MAX_CAPACITY);
    Integer waitSeconds = body.integer("waitSeconds", 0, EdgeLimits.MAX_WAIT_SECONDS);
    List<ResultItem> results = results(body, problems);
    PollRequest.PollerInfo poller = poller(body);
    String resynced = body.text("resynced", 200);
    problems.throwIfAny();
    return new PollRequest(
        Objects.requireNonNullElse(capacity, 0),
        Objects.requireNonNullElse(waitSeconds, 0),
        results,
        poller,
        resynced);
  }

  static List<ResultItem> results(JsonNode document) {
    var problems = new Problems();
    Fields body = Fields.of(document, "", problems);
    body.require("results");
    List<ResultItem> results = results(body, problems);
    problems.throwIfAny();
    return results;
  }

  static LeaseRenewal.Request renewals(JsonNode document) {
    var problems = new Problems();
    Fields body = Fields.of(document, "", problems);
    body.require("leases");
    List<LeaseRenewal.Item> items = new ArrayList<>();
    for (Fields item : limited(body, "leases")) {
      String command = item.requiredText("command", 200);
      Long lease = lease(item);
      item.require("extendSeconds");
      Integer seconds = item.integer("extendSeconds", 1, EdgeLimits.MAX_LEASE_SECONDS);
      if (command != null && lease != null && seconds != null) {
        items.add(new LeaseRenewal.Item(command, lease, seconds));
      }
    }
    problems.throwIfAny();
    return new LeaseRenewal.Request(items);
  }

  private static List<Fields> limited(Fields body, String field) {
    List<Fields> items = body.objects(field);
    if (items.size() > EdgeLimits.MAX_RESULTS) {
      body.problem(
          field,
          "has " + items.size() + " items; at most " + EdgeLimits.MAX_RESULTS + " are allowed");
      return List.of();
    }
    return items;
  }

  private static List<ResultItem> results(Fields body, Problems problems) {
    List<ResultItem> results = new ArrayList<>();
    for (Fields item : limited(body, "results")) {
      String command = item.requiredText("command", 200);
      Long lease = lease(item);
      String outcome = item.requiredText("outcome", 200);
      String code = item.text("code", Integer.MAX_VALUE);
      String message = item.text("message", Integer.MAX_VALUE);
      Long objects = item.whole("objects", 0, Long.MAX_VALUE);
      Long millis = item.whole("durationMillis", 0, Long.MAX_VALUE);
      JsonNode data = data(item);
      Boolean retry = item.bool("retry");
      if (command != null && lease != null && outcome != null && problems.isEmpty()) {
        results.add(
            new ResultItem(
                command,
                lease,
                outcome,
                cutCode(code),
                cutMessage(message),
                objects,
                millis,
                data,
                retry));
      }
    }
    return results;
  }

  /** Any integer from 0; beyond what is ever given all are alike. */
  private static @Nullable Long lease(Fields item) {
    item.require("lease");
    JsonNode node = item.node("lease");
    boolean huge =
        node != null
            && node.isIntegralNumber()
            && node.bigIntegerValue().bitLength() > 63
            && node.bigIntegerValue().signum() > 0;
    return huge ? Long.valueOf(Long.MAX_VALUE) : item.whole("lease", 0, Long.MAX_VALUE);
  }

  private static @Nullable JsonNode data(Fields item) {
    JsonNode data = item.node("data");
    if (data != null
        && data.toString().getBytes(StandardCharsets.UTF_8).length > EdgeLimits.MAX_DATA_BYTES) {
      item.problem("data", "is larger than " + EdgeLimits.MAX_DATA_BYTES + " bytes");
      return null;
    }
    return data == null ? null : Storable.clean(data);
  }

  private static @Nullable String cutCode(@Nullable String code) {
    if (code == null || code.isEmpty()) {
      return null;
    }
    String clean = Storable.clean(code);
    return clean.length() <= EdgeLimits.MAX_CODE ? clean : cut(clean, EdgeLimits.MAX_CODE);
  }

  private static @Nullable String cutMessage(@Nullable String message) {
    if (message == null || message.isEmpty()) {
      return null;
    }
    String clean = Storable.clean(message);
    return clean.length() * 3 <= EdgeLimits.MAX_MESSAGE_BYTES ? clean : cutToBytes(clean);
  }

  private static String cutToBytes(String text) {
    int bytes = 0;
    for (int at = 0; at < text.length(); ) {
      int point = text.codePointAt(at);
      bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
      if (bytes > EdgeLimits.MAX_MESSAGE_BYTES) {
        return text.substring(0, at);
      }
      at += Character.charCount(point);
    }
    return text;
  }

  /** Never in the middle of a surrogate pair. */
  private static String cut(String text, int end) {
    return text.substring(
        0,
        end > 0 && end < text.length() && Character.isLowSurrogate(text.charAt(end))
            ? end - 1
            : end);
  }

  private static PollRequest.@Nullable PollerInfo poller(Fields body) {
    Fields poller = body.object("poller");
    if (poller == null) {
      return null;
    }
    String instance = poller.text("instance", 200);
    String version = poller.text("version", 200);
    List<String> operations =
        poller.has("operations")
            ? poller.texts("operations", 100).stream()
                .filter(name -> OPERATION.matcher(name).matches())
                .distinct()
                .sorted()
                .limit(MOST_OPERATIONS)
                .toList()
            : null;
    return instance == null
        ? null
        : new PollRequest.PollerInfo(
            Storable.clean(instance), version == null ? null : Storable.clean(version), operations);
  }
}
