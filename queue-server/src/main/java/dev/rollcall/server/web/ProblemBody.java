// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A problem document (RFC 9457 section 3).
 *
 * @param type always {@code about:blank}; {@code code} tells problems apart
 * @param title the status in words
 * @param status the HTTP status
 * @param detail what went wrong here, for a person
 * @param code stable, for programs
 * @param errors for invalid input: each problem with its JSON pointer
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ProblemBody(
    String type,
    String title,
    int status,
    String detail,
    String code,
    @Nullable List<Problem> errors) {
  static final String MEDIA_TYPE = "application/problem+json";

  static byte[] bytes(ApiException e) {
    return Json.MAPPER.writeValueAsBytes(
        new ProblemBody(
            "about:blank",
            title(e.status()),
            e.status(),
            e.detail(),
            e.code(),
            e.errors().isEmpty() ? null : e.errors()));
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 412 -> "Precondition Failed";
      case 413 -> "Content Too Large";
      case 414 -> "URI Too Long";
      case 415 -> "Unsupported Media Type";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 503 -> "Service Unavailable";
      default -> "Error " + status;
    };
  }

  /** For a status that HTTP machinery produced without a code of ours. */
  static String codeFor(int status) {
    return switch (status) {
      case 401 -> "unauthenticated";
      case 403 -> "forbidden";
      case 404 -> "not-found";
      case 405 -> "method-not-allowed";
      case 408 -> "request-timeout";
      case 412 -> "precondition-failed";
      case 413 -> "too-large";
      case 414 -> "uri-too-long";
      case 415 -> "unsupported-type";
      case 431 -> "headers-too-large";
      case 503 -> "unavailable";
      default -> status >= 500 ? "internal" : "invalid";
    };
  }
}
