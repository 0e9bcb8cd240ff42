// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import dev.rollcall.protocol.json.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An answer that is no success. The detail is for a person, the code for programs. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final transient List<Problem> errors;
  private final @Nullable Integer retryAfterSeconds;

  private ApiException(
      int status,
      String code,
      String detail,
      List<Problem> errors,
      @Nullable Integer retryAfterSeconds) {
    super(detail, null, false, false);
    this.status = status;
    this.code = code;
    this.errors = List.copyOf(errors);
    this.retryAfterSeconds = retryAfterSeconds;
  }

  public static ApiException invalid(List<Problem> errors) {
    String detail =
        errors.size() == 1
            ? "One thing is wrong with the request."
            : errors.size() + " things are wrong with the request.";
    return new ApiException(400, "invalid", detail, errors, null);
  }

  public static ApiException invalid(String pointer, String message) {
    return invalid(List.of(new Problem(pointer, message)));
  }

  public static ApiException unauthenticated(String detail) {
    return new ApiException(401, "unauthenticated", detail, List.of(), null);
  }

  public static ApiException forbidden(String detail) {
    return new ApiException(403, "forbidden", detail, List.of(), null);
  }

  public static ApiException notFound(String detail) {
    return new ApiException(404, "not-found", detail, List.of(), null);
  }

  public static ApiException conflict(String code, String detail) {
    return new ApiException(409, code, detail, List.of(), null);
  }

  public static ApiException conflict(String code, String detail, List<Problem> errors) {
    return new ApiException(409, code, detail, errors, null);
  }

  public static ApiException tooLarge(String detail) {
    return new ApiException(413, "too-large", detail, List.of(), null);
  }

  public static ApiException unsupportedType(String detail) {
    return new ApiException(415, "unsupported-type", detail, List.of(), null);
  }

  public static ApiException rateLimited(String detail, int retryAfterSeconds) {
    return new ApiException(429, "rate-limited", detail, List.of(), retryAfterSeconds);
  }

  public static ApiException queueFull(String detail, int retryAfterSeconds) {
    return new ApiException(503, "queue-full", detail, List.of(), retryAfterSeconds);
  }

  public static ApiException unavailable(String detail, int retryAfterSeconds) {
    return new ApiException(503, "unavailable", detail, List.of(), retryAfterSeconds);
  }

  /** For what HTTP itself refuses. */
  public static ApiException of(int status, String code, String detail) {
    return new ApiException(status, code, detail, List.of(), null);
  }

  public int status() {
    return status;
  }

  public String code() {
    return code;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }

  public List<Problem> errors() {
    return errors;
  }

  public @Nullable Integer retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
