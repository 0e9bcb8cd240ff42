// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Requests to a test server, all with one token. Thread-safe. */
public final class Api {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final URI base;
  private final String token;
  private final Duration patience;

  Api(URI base, String token) {
    this(base, token, Duration.ofSeconds(90));
  }

  private Api(URI base, String token, Duration patience) {
    this.base = base;
    this.token = token;
    this.patience = patience;
  }

  /** The same caller, who waits so long for an answer. */
  Api patience(Duration longest) {
    return new Api(base, token, longest);
  }

  /** The same caller at another server. */
  Api at(URI other) {
    return new Api(other, token, patience);
  }

  /** Another caller at the same server. */
  Api holding(String other) {
    return new Api(base, other, patience);
  }

  public URI base() {
    return base;
  }

  /** For requests that are sent byte by byte. */
  String token() {
    return token;
  }

  /** What came back. */
  public record Answer(int status, Map<String, String> headers, String text) {
    public JsonNode json() {
      return Json.MAPPER.readTree(text);
    }

    /** The pointers of a problem's errors, in their order. */
    public List<String> pointers() {
      return json().path("errors").valueStream().map(e -> e.path("pointer").asString()).toList();
    }

    public String code() {
      return json().path("code").asString();
    }

    /** The message of the error at a pointer; empty: there is none. */
    public String messageAt(String pointer) {
      return json()
          .path("errors")
          .valueStream()
          .filter(e -> e.path("pointer").asString().equals(pointer))
          .map(e -> e.path("message").asString())
          .collect(Collectors.joining("; "));
    }

    /** Fails unless the status is this one; shows the body. */
    public Answer status(int expected) {
      assertThat(status).as(text).isEqualTo(expected);
      return this;
    }

    /** Fails unless this is a problem document with all its members. */
    public Answer problem(int expected, String code) {
      status(expected);
      assertThat(headers.get("Content-Type")).as(text).isEqualTo("application/problem+json");
      JsonNode problem = json();
      assertThat(problem.path("status").asInt()).as(text).isEqualTo(expected);
      assertThat(problem.path("code").asString()).as(text).isEqualTo(code);
      for (String member : List.of("type", "title", "detail")) {
        assertThat(problem.path(member).isString()).as("%s of %s", member, text).isTrue();
        assertThat(problem.path(member).asString()).as("%s of %s", member, text).isNotBlank();
      }
      return this;
    }

    /** Fails unless this is {@code 400 invalid} with errors at exactly these pointers. */
    public Answer invalidAt(String... pointers) {
      problem(400, "invalid");
      assertThat(pointers()).as(text).containsExactlyInAnyOrder(pointers);
      return this;
    }
  }

  public Answer get(String path) {
    return send("GET", path, "", Map.of());
  }

  public Answer get(String path, Map<String, String> headers) {
    return send("GET", path, "", headers);
  }

  public Answer delete(String path) {
    return send("DELETE", path, "", Map.of());
  }

  public Answer post(String path, String json) {
    return send("POST", path, json, Map.of("Content-Type", "application/json"));
  }

  public Answer post(String path, String json, Map<String, String> headers) {
    Map<String, String> all = new TreeMap<>(headers);
    all.putIfAbsent("Content-Type", "application/json");
    return send("POST", path, json, all);
  }

  public Answer put(String path, String json) {
    return send("PUT", path, json, Map.of("Content-Type", "application/json"));
  }

  public Answer post(String path) {
    return send("POST", path, "", Map.of());
  }

  public Answer putYaml(String path, String yaml) {
    return send("PUT", path, yaml, Map.of("Content-Type", "application/yaml"));
  }

  public Answer send(String method, String path, String body, Map<String, String> headers) {
    return send(method, path, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  public Answer send(String method, String path, byte[] body, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(patience)
            .method(
                method,
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      HttpResponse<String> response =
          CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      Map<String, String> flat = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      response.headers().map().forEach((name, values) -> flat.put(name, values.getFirst()));
      return new Answer(response.statusCode(), flat, response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
