// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import dev.rollcall.protocol.json.InvalidDocumentException;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problem;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** Makes an {@link Answer} of a response; also of one that no queue server would give. */
final class AnswerReader {
  private AnswerReader() {}

  static Answer read(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    JsonNode body = json(response);
    if (status >= 200 && status < 300) {
      return body == null
          ? new Answer.Unreachable(
              "it answered with " + type(response.headers()) + ", which no queue server does", true)
          : new Answer.Ok(status, body, response.headers());
    }
    if (status >= 300 && status < 400) {
      return refused(
          response,
          "Redirected",
          "It points to "
              + response.headers().firstValue("Location").orElse("nowhere")
              + ". Redirects are not followed: the token is for one server only.");
    }
    if (body == null || !body.isObject()) {
      return refused(response, "Refused", "The answer holds no problem document.");
    }
    return new Answer.Refused(
        status,
        body.path("title").asString("Refused"),
        text(body, "detail"),
        errors(body.path("errors")),
        retryAfter(response.headers()));
  }

  private static Answer refused(HttpResponse<byte[]> response, String title, String detail) {
    return new Answer.Refused(
        response.statusCode(), title, detail, List.of(), retryAfter(response.headers()));
  }

  private static @Nullable JsonNode json(HttpResponse<byte[]> response) {
    if (response.body().length == 0) {
      return NullNode.getInstance();
    }
    if (!type(response.headers()).contains("json")) {
      return null;
    }
    try {
      return Json.parse(response.body());
    } catch (InvalidDocumentException e) {
      return null; // the caller says what came instead
    }
  }

  private static String type(HttpHeaders headers) {
    return Printable.clip(
            Printable.text(headers.firstValue("Content-Type").orElse("no content type")), 80, "…")
        .toLowerCase(Locale.ROOT);
  }

  private static List<Problem> errors(JsonNode errors) {
    List<Problem> out = new ArrayList<>();
    for (JsonNode error : errors) {
      out.add(
          new Problem(
              error.path("pointer").asString(""), error.path("message").asString("is wrong")));
    }
    return out;
  }

  private static @Nullable String text(JsonNode node, String name) {
    JsonNode field = node.path(name);
    return field.isString() ? field.stringValue() : null;
  }

  /** Seconds only: a date would be measured against a clock that may be another one. */
  private static Optional<Duration> retryAfter(HttpHeaders headers) {
    return headers
        .firstValue("Retry-After")
        .map(String::strip)
        .filter(value -> value.matches("[0-9]{1,5}"))
        .map(value -> Duration.ofSeconds(Long.parseLong(value)));
  }
}
