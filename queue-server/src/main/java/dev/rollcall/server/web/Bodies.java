// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problems;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads and writes bodies within their limits. */
public final class Bodies {
  /** Largest body of a request, but for those that say otherwise. */
  public static final int MAX_BYTES = 1 << 20;

  private static final String JSON = "application/json";

  private Bodies() {}

  /**
   * The body as one JSON document of which every value can be stored.
   *
   * @throws ApiException 413, 415
   * @throws dev.rollcall.protocol.json.InvalidDocumentException when it is not such
   */
  public static JsonNode json(Context ctx) {
    JsonNode document = anyJson(ctx);
    Storable.check(document);
    return document;
  }

  /** As {@link #json}, but whatever is JSON: for who cleans what cannot be stored. */
  public static JsonNode anyJson(Context ctx) {
    type(ctx, Set.of(JSON));
    return Json.parse(bytes(ctx));
  }

  /** For a request that says all in its path: no body, or an empty object. */
  public static void nothing(Context ctx) {
    byte[] body = bytes(ctx);
    if (body.length > 0) {
      type(ctx, Set.of(JSON));
      var problems = new Problems();
      Fields.of(Json.parse(body), "", problems).done();
      problems.throwIfAny();
    }
  }

  /**
   * As {@link #json}, or null when there is no body, for a request of which all may be left out.
   */
  public static @Nullable JsonNode jsonOrNothing(Context ctx) {
    byte[] body = bytes(ctx);
    if (body.length == 0) {
      return null;
    }
    type(ctx, Set.of(JSON));
    JsonNode document = Json.parse(body);
    Storable.check(document);
    return document;
  }

  /** The media type, which must be one of these; without any body it counts as JSON. */
  public static String type(Context ctx, Set<String> allowed) {
    String header = ctx.header("Content-Type");
    if (header == null && !hasBody(ctx)) {
      return JSON;
    }
    String type = header == null ? "" : header.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!allowed.contains(type)) {
      throw ApiException.unsupportedType(
          "The body's Content-Type is "
              + (type.isEmpty() ? "missing" : type)
              + "; allowed: "
              + String.join(", ", allowed.stream().sorted().toList())
              + ".");
    }
    return type;
  }

  private static boolean hasBody(Context ctx) {
    return ctx.req().getContentLengthLong() > 0 || ctx.header("Transfer-Encoding") != null;
  }

  private static byte[] bytes(Context ctx) {
    try {
      return limited(ctx, MAX_BYTES).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The body as a stream that fails with 413 when it grows beyond the limit, with 400 when it
   * breaks off and with 408 when it comes too slowly.
   */
  public static InputStream limited(Context ctx, long maxBytes) {
    long announced = ctx.req().getContentLengthLong();
    if (announced > maxBytes) {
      throw RequestBody.tooLarge(maxBytes);
    }
    Leftover.wanted(ctx);
    InputStream body = ctx.bodyInputStream();
    return new RequestBody(body, maxBytes, isHere(body, announced) ? null : pace(ctx));
  }

  private static boolean isHere(InputStream body, long announced) {
    try {
      return announced >= 0 && body.available() >= announced;
    } catch (IOException e) {
      return false; // reading it tells why
    }
  }

  private static BodyPace pace(Context ctx) {
    return BodyPace.begin(ClientConnection.endPoint(ctx), System::nanoTime);
  }

  public static void send(Context ctx, int status, Object body) {
    ctx.status(status).contentType(JSON).result(Json.MAPPER.writeValueAsBytes(body));
  }

  /** A whole number in the query, within bounds. */
  public static int queryInt(Context ctx, String name, int fallback, int min, int max) {
    String given = ctx.queryParam(name);
    if (given == null) {
      return fallback;
    }
    try {
      int value = Integer.parseInt(given);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below, as a number out of range is
    }
    throw ApiException.invalid(
        "/query/" + name, "is " + Problems.shown(given) + "; allowed: " + min + " to " + max);
  }

  /** True or false in the query; absent is false. */
  public static boolean queryFlag(Context ctx, String name) {
    String given = ctx.queryParam(name);
    if (given == null || given.equals("false")) {
      return false;
    }
    if (!given.equals("true")) {
      throw ApiException.invalid(
          "/query/" + name, "is " + Problems.shown(given) + "; allowed: true, false");
    }
    return true;
  }

  /**
   * Refuses query parameters that the route does not know, or that are given twice: a filter that
   * is misspelt or passed over must not show everything.
   */
  public static void queryKnows(Context ctx, Set<String> known) {
    ctx.queryParamMap()
        .forEach((name, given) -> {
          if (!known.contains(name)) {
            throw ApiException.invalid(
                "/query/" + name,
                "is unknown here; known: " + String.join(", ", known.stream().sorted().toList()));
          }
          if (given.size() > 1) {
            throw ApiException.invalid(
                "/query/" + name, "is given " + given.size() + " times; allowed: once");
          }
        });
  }

  /** Null when the query does not hold it, or holds it empty. */
  public static @Nullable String queryText(Context ctx, String name) {
    String given = ctx.queryParam(name);
    if (given != null && !Storable.is(given)) {
      throw ApiException.invalid(
          "/query/" + name, "is " + Problems.shown(given) + "; " + Storable.RULE);
    }
    return given == null || given.isEmpty() ? null : given;
  }

  /** A time in the query: RFC 3339 with any offset; null when it is absent or empty. */
  public static @Nullable Instant queryTime(Context ctx, String name) {
    String given = queryText(ctx, name);
    if (given == null) {
      return null;
    }
    try {
      if (Character.isDigit(given.charAt(0))) { // no signed years: there are years nobody can store
        return OffsetDateTime.parse(given).toInstant();
      }
    } catch (DateTimeException e) {
      // told below, as a year that is signed
    }
    throw ApiException.invalid(
        "/query/" + name,
        "is " + Problems.shown(given) + "; a time like 2026-01-31T22:00:00Z is needed");
  }
}
