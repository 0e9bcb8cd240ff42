// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A queue server that holds one command at a time, for {@link FakePoller}s; the part of the REST
 * interface that the demo uses is the contract's. Thread-safe.
 */
final class FakeFederation implements ServerStarter, RunningServer {
  private final HttpServer http;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Instant> polls = new TreeMap<>();
  private final Map<String, String> waiting = new LinkedHashMap<>();
  private final Map<String, Integer> done = new TreeMap<>();
  private @Nullable Instant accepted;
  private String manifest = "";
  private String adminToken = "";
  private boolean losesWork;
  private boolean closed;

  FakeFederation() {
    try {
      http = HttpServer.create(new InetSocketAddress(LoopbackHttp.IPV4, 0), 128);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on commands fail. */
  FakeFederation losingWork() {
    losesWork = true;
    return this;
  }

  @Override
  public RunningServer start(Map<String, String> flags, Map<String, String> environment) {
    adminToken = environment.getOrDefault("ROLLCALL_ADMIN_TOKEN", "");
    http.setExecutor(task -> Thread.ofVirtual().name("fake-federation").start(task));
    http.createContext("/", this::answer);
    http.start();
    System.out.println("the server logs a line"); // as a real one does
    return this;
  }

  @Override
  public URI baseUri() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  String manifest() {
    return manifest;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    http.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String token = exchange.getRequestHeaders().getFirst("Authorization").replace("Bearer ", "");
      String path = exchange.getRequestURI().getPath();
      byte[] reply = reply(path, token, body).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, reply.length == 0 ? -1 : reply.length);
      exchange.getResponseBody().write(reply);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String reply(String path, String token, String body) throws InterruptedException {
    lock.lock();
    try {
      if (path.equals("/fake/poll")) {
        return poll(token.replace("token-of-", ""), body);
      }
      if (!token.equals(adminToken)) {
        return "{}";
      }
      return switch (path) {
        case "/v1/registry" -> {
          manifest = body;
          yield "{}";
        }
        case "/v1/servers" -> servers();
        case "/v1/commands" -> submit(Json.parse(body.getBytes(StandardCharsets.UTF_8)));
        case "/v1/commands/c-1" -> command();
        default -> {
          String[] parts = path.split("/", -1);
          yield "{\"id\": \"t\", \"token\": \"token-of-" + parts[3] + "/" + parts[5] + "\"}";
        }
      };
    } finally {
      lock.unlock();
    }
  }

  private String poll(String server, String result) throws InterruptedException {
    polls.put(server, Instant.ofEpochSecond(polls.size() + 1L));
    if (!result.isEmpty()) {
      done.merge(server.split("/", -1)[0], 1, Integer::sum);
      changed.signalAll();
    }
    long left = TimeUnit.SECONDS.toNanos(5);
    while (!waiting.containsKey(server) && left > 0) {
      left = changed.awaitNanos(left);
    }
    String work = waiting.remove(server);
    return work == null ? "" : work;
  }

  private String servers() {
    return polls.entrySet().stream()
        .map(e -> "{\"name\": \"%s\", \"lastPollAt\": \"%s\"}".formatted(e.getKey(), e.getValue()))
        .collect(Collectors.joining(", ", "{\"items\": [", "]}"));
  }

  private String submit(JsonNode command) {
    String sign = command.path("operation").asString("").equals("load") ? "+" : "-";
    List<String> work = new ArrayList<>();
    command
        .path("parameters")
        .path("urls")
        .forEach(url -> work.add(sign + URI.create(url.asString()).getPath().replace("/", "")));
    accepted = Instant.EPOCH;
    done.clear();
    polls.keySet().forEach(server -> waiting.put(server, String.join(" ", work)));
    changed.signalAll();
    return command();
  }

  private String command() {
    Map<String, Long> targets =
        polls.keySet().stream()
            .collect(
                Collectors.groupingBy(
                    s -> s.split("/", -1)[0], TreeMap::new, Collectors.counting()));
    boolean ended =
        targets.entrySet().stream().allMatch(e -> done.getOrDefault(e.getKey(), 0) >= e.getValue());
    String state = !ended ? "active" : losesWork ? "failed" : "complete";
    String parts =
        targets.entrySet().stream()
            .map(e ->
                "{\"participant\": \"%s\", \"state\": \"%s\", \"totals\": %s}"
                    .formatted(
                        e.getKey(), state, totals(e.getValue(), done.getOrDefault(e.getKey(), 0))))
            .collect(Collectors.joining(", "));
    int all = done.values().stream().mapToInt(Integer::intValue).sum();
    return """
    {"id": "c-1", "operation": "x", "state": "%s", "version": %d, "createdAt": "%s",
     "completedAt": %s, "asOf": "%s", "totals": %s, "participants": [%s]}
    """
        .formatted(
            state,
            all,
            accepted,
            ended ? "\"1970-01-01T00:00:01Z\"" : "null",
            accepted,
            totals(polls.size(), all),
            parts);
  }

  private static String totals(long targeted, int succeeded) {
    return "{\"targeted\": %d, \"pending\": %d, \"succeeded\": %d}"
        .formatted(targeted, targeted - succeeded, succeeded);
  }
}
