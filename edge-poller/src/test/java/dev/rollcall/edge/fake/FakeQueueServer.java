// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.edge.PollAnswer.VerdictItem;
import dev.rollcall.protocol.edge.PollRequest;
import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A queue server for one edge server, in memory. Thread-safe. */
public final class FakeQueueServer implements AutoCloseable {
  public static final String TOKEN = "a-token-that-no-log-may-show";

  /** What a test does to requests before they are handled. */
  @FunctionalInterface
  public interface Fault {
    /** Answers true if it has dealt with the exchange. */
    boolean handle(String path, HttpExchange exchange) throws IOException;
  }

  private final HttpServer http;
  private final FakeQueue queue = new FakeQueue();
  private final List<JsonNode> polls = new CopyOnWriteArrayList<>();
  private final Set<String> refusedCommands = ConcurrentHashMap.newKeySet();
  private final AtomicInteger renewals = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile @Nullable Fault fault;
  private volatile String token = TOKEN;

  public FakeQueueServer() throws IOException {
    this(0);
  }

  public FakeQueueServer(int port) throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
    http.setExecutor(task -> Thread.ofVirtual().start(task));
    http.createContext("/", this::handle);
    http.start();
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  // ---- what a test does

  public void fault(@Nullable Fault next) {
    fault = next;
  }

  public void token(String next) {
    token = next;
  }

  public void submit(PollAnswer.Execution execution) {
    queue.submit(List.of(execution));
  }

  public void submitAll(List<PollAnswer.Execution> executions) {
    queue.submit(executions);
  }

  public void cancel(String command) {
    queue.cancel(command);
  }

  /** Requests that carry a result of this command are answered 400. */
  public void refuse(String command) {
    refusedCommands.add(command);
  }

  // ---- what a test sees

  public List<ResultItem> results() {
    return queue.results();
  }

  public List<ResultItem> results(String command) {
    return results().stream().filter(r -> r.command().equals(command)).toList();
  }

  /** Of the results of this command those that were accepted; one that is resent is there once. */
  public List<ResultItem> counted(String command) {
    return queue.counted().stream().filter(r -> r.command().equals(command)).toList();
  }

  public List<VerdictItem> verdicts() {
    return queue.verdicts();
  }

  /** How an execution ended; null while it has not. */
  public @Nullable ResultItem end(String command) {
    return queue.end(command);
  }

  public int ended() {
    return queue.ended();
  }

  public int parked() {
    return queue.parked();
  }

  public List<JsonNode> polls() {
    return List.copyOf(polls);
  }

  public int renewals() {
    return renewals.get();
  }

  public int requests() {
    return requests.get();
  }

  // ---- the protocol

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      requests.incrementAndGet();
      String path = exchange.getRequestURI().getPath();
      Fault active = fault;
      if (active != null && active.handle(path, exchange)) {
        return;
      }
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        problem(exchange, 401, "unauthenticated", "");
        return;
      }
      switch (path) {
        case "/v1/edge/poll" -> poll(exchange, body);
        case "/v1/edge/results" -> report(exchange, body);
        case "/v1/edge/leases" -> renew(exchange, body);
        default -> problem(exchange, 404, "not-found", "");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void poll(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
    JsonNode node = Json.parse(body);
    PollRequest request = Json.MAPPER.treeToValue(node, PollRequest.class);
    if (refused(exchange, request.results())) {
      return;
    }
    polls.add(node);
    send(exchange, 200, Json.MAPPER.valueToTree(queue.poll(request)));
  }

  private void report(HttpExchange exchange, byte[] body) throws IOException {
    List<ResultItem> items = new ArrayList<>();
    for (JsonNode item : Json.parse(body).get("results")) {
      items.add(Json.MAPPER.treeToValue(item, ResultItem.class));
    }
    if (refused(exchange, items)) {
      return;
    }
    ObjectNode answer = Json.MAPPER.createObjectNode();
    answer.set("results", Json.MAPPER.valueToTree(queue.settle(items)));
    send(exchange, 200, answer);
  }

  /** Settles the results of a request whose answer then gets lost. */
  public void settleUnanswered(HttpExchange exchange) throws IOException {
    List<ResultItem> items = new ArrayList<>();
    for (JsonNode item : Json.parse(exchange.getRequestBody().readAllBytes()).get("results")) {
      items.add(Json.MAPPER.treeToValue(item, ResultItem.class));
    }
    queue.settle(items);
  }

  private boolean refused(HttpExchange exchange, List<ResultItem> items) throws IOException {
    List<String> commands = items.stream().map(ResultItem::command).toList();
    boolean refuse = !Collections.disjoint(refusedCommands, commands);
    if (refuse) {
      problem(exchange, 400, "invalid", "/results/0");
    }
    return refuse;
  }

  private void renew(HttpExchange exchange, byte[] body) throws IOException {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    var entries = answer.putArray("leases");
    for (JsonNode item : Json.parse(body).get("leases")) {
      renewals.incrementAndGet();
      String command = item.get("command").stringValue();
      long lease = item.get("lease").longValue();
      long seconds = item.get("extendSeconds").longValue();
      String outcome = queue.renew(command, lease, seconds);
      var entry = entries.addObject().put("command", command).put("lease", lease);
      entry.put("outcome", outcome);
      if (outcome.equals("extended")) {
        entry.put("leaseSeconds", seconds);
      }
    }
    send(exchange, 200, answer);
  }

  public static void problem(HttpExchange exchange, int status, String code, String pointer)
      throws IOException {
    ObjectNode body = Json.MAPPER.createObjectNode().put("status", status).put("code", code);
    body.put("title", code);
    if (!pointer.isEmpty()) {
      body.putArray("errors").addObject().put("pointer", pointer).put("message", "is refused");
    }
    send(exchange, status, body);
  }

  private static void send(HttpExchange exchange, int status, JsonNode body) throws IOException {
    byte[] bytes = body.toString().getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    queue.close();
    http.stop(0);
  }
}
