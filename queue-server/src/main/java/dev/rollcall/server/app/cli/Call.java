// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import dev.rollcall.protocol.json.Json;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One request, without the address and the token.
 *
 * @param target path and query, encoded
 * @param headers besides those of every request
 * @param limit how long the whole exchange may take
 */
public record Call(
    String method,
    String target,
    Map<String, String> headers,
    @Nullable BodyPublisher body,
    Duration limit) {
  private static final Duration USUAL_LIMIT = Duration.ofSeconds(30);

  public Call {
    headers = Map.copyOf(headers);
  }

  /** Segments are encoded, so that nothing in a name can lead elsewhere. */
  public static Call get(String... segments) {
    return new Call("GET", path(segments), Map.of(), null, USUAL_LIMIT);
  }

  public static Call post(JsonNode body, String... segments) {
    return post(segments)
        .header("Content-Type", "application/json")
        .body(BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body)));
  }

  /** Without a body. */
  public static Call post(String... segments) {
    return new Call("POST", path(segments), Map.of(), BodyPublishers.noBody(), USUAL_LIMIT);
  }

  public static Call put(String contentType, BodyPublisher body, String... segments) {
    return new Call("PUT", path(segments), Map.of("Content-Type", contentType), body, USUAL_LIMIT);
  }

  static BodyPublisher file(Path file) throws java.io.FileNotFoundException {
    return BodyPublishers.ofFile(file);
  }

  static BodyPublisher stream(InputStream in) {
    return BodyPublishers.ofInputStream(() -> in);
  }

  public Call query(String name, Object value) {
    String pair = encode(name) + "=" + encode(String.valueOf(value));
    return new Call(
        method, target + (target.contains("?") ? "&" : "?") + pair, headers, body, limit);
  }

  public Call header(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Call(method, target, more, body, limit);
  }

  public Call limit(Duration wanted) {
    return new Call(method, target, headers, body, wanted);
  }

  private Call body(BodyPublisher wanted) {
    return new Call(method, target, headers, wanted, limit);
  }

  private static String path(String... segments) {
    return Stream.of(segments).map(Call::encode).collect(Collectors.joining("/", "/", ""));
  }

  private static String encode(String text) {
    // URLEncoder writes forms: it leaves * alone, which is harmless, and "." which is not
    String encoded = URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    return encoded.matches("\\.\\.?") ? encoded.replace(".", "%2E") : encoded;
  }
}
