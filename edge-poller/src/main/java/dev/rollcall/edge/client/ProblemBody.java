// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import dev.rollcall.protocol.json.InvalidDocumentException;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problem;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Reads {@code application/problem+json} (RFC 9457), as far as there is any. */
final class ProblemBody {
  private static final int LONGEST = 300;

  private ProblemBody() {}

  /** The status, and what the server says of it. */
  static String summary(int status, byte[] body) {
    JsonNode problem = parse(body);
    String title = text(problem, "title");
    String detail = text(problem, "detail");
    String said = title.isEmpty() || detail.isEmpty() ? title + detail : title + ": " + detail;
    return "status "
        + status
        + (said.isEmpty()
            ? ", and no word of a queue server why; is this its address?"
            : ": " + said);
  }

  /** What is wrong with the request, by pointer; at least one entry. */
  static List<Problem> problems(byte[] body) {
    JsonNode problem = parse(body);
    List<Problem> out = new ArrayList<>();
    for (JsonNode error : problem.path("errors")) {
      out.add(new Problem(text(error, "pointer"), text(error, "message")));
    }
    if (out.isEmpty()) {
      out.add(new Problem("", text(problem, "detail")));
    }
    return out;
  }

  /** Whether it is one at all: every error of the queue server has a code. */
  static boolean isProblem(byte[] body) {
    return !text(parse(body), "code").isEmpty();
  }

  private static JsonNode parse(byte[] body) {
    try {
      return Json.parse(body);
    } catch (InvalidDocumentException e) {
      return JsonNodeFactory.instance.objectNode(); // some proxy's page: the status must do
    }
  }

  private static String text(JsonNode node, String name) {
    JsonNode value = node.get(name);
    if (value == null || !value.isString()) {
      return "";
    }
    return clipped(value.stringValue());
  }

  static String clipped(String text) {
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
  }
}
