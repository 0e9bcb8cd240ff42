// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;

/**
 * Answers as the contract says a queue server does; what it answers each test scripts. Thread-safe.
 */
public final class FakeQueueServer implements AutoCloseable {
  public static final String TOKEN = "fake-token-of-thirty-two-characters";

  /** One request as it arrived. */
  public record Seen(String method, String target, Map<String, List<String>> headers, String body) {
    public JsonNode json() {
      return Json.parse(body.getBytes(StandardCharsets.UTF_8));
    }

    public String header(String name) {
      return headers.getOrDefault(name, List.of("")).getFirst();
    }
  }

  /** What is answered. */
  public record Reply(int status, Map<String, String> headers, String body) {
    public static Reply ok(String json) {
      return json(200, json);
    }

    public static Reply json(int status, String json) {
      return new Reply(status, Map.of("Content-Type", "application/json"), json);
    }

    public static Reply problem(int status, String json) {
      return new Reply(status, Map.of("Content-Type", "application/problem+json"), json);
    }
  }

  /** Makes the reply; may block, as a long poll does. */
  @FunctionalInterface
  public interface Handler {
    Reply handle(Seen seen) throws InterruptedException, IOException;
  }

  private final HttpServer http;
  private final List<Seen> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Handler> handlers = new ConcurrentHashMap<>();

  private FakeQueueServer(HttpServer http) {
    this.http = http;
  }

  public static FakeQueueServer start() {
    return start(0);
  }

  /** On a port that another one has just given up. */
  public static FakeQueueServer start(int port) {
    try {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      var fake = new FakeQueueServer(http);
      http.setExecutor(task -> Thread.ofVirtual().name("fake-queue-server").start(task));
      http.createContext("/", fake::answer);
      http.start();
      return fake;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  public int port() {
    return http.getAddress().getPort();
  }

  /** Scripts {@code "GET /v1/commands/1"}; without the query. */
  public FakeQueueServer on(String methodAndPath, Handler handler) {
    handlers.put(methodAndPath, handler);
    return this;
  }

  public FakeQueueServer on(String methodAndPath, Reply... inTurn) {
    Deque<Reply> left = new ArrayDeque<>(List.of(inTurn));
    return on(
        methodAndPath,
        _ -> {
          synchronized (left) {
            return left.size() > 1 ? left.removeFirst() : left.getFirst();
          }
        });
  }

  public List<Seen> requests() {
    return List.copyOf(requests);
  }

  public Seen last() {
    return requests.getLast();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Seen seen =
          new Seen(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              Map.copyOf(exchange.getRequestHeaders()),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      requests.add(seen);
      Reply reply = reply(seen, exchange.getRequestURI().getRawPath());
      reply.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Reply reply(Seen seen, String path) throws InterruptedException, IOException {
    if (!seen.header("Authorization").equals("Bearer " + TOKEN)) {
      return Reply.problem(
          401,
          """
          {"type": "about:blank", "title": "Unauthorized", "status": 401, "code": "unauthenticated",
           "detail": "The token is not known."}
          """);
    }
    Handler handler = handlers.get(seen.method() + " " + path);
    return handler == null
        ? Reply.problem(
            404,
            """
            {"type": "about:blank", "title": "Not Found", "status": 404, "code": "not-found",
             "detail": "There is nothing here."}
            """)
        : handler.handle(seen);
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
