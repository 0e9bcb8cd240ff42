// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.concurrent.GuardedBy;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A queue server for one edge server, in memory, with the edge protocol's rules: results are
 * settled before anything is leased, a key is held by any live lease in it, a run comes in order, a
 * new poll of an instance answers its earlier one. Thread-safe.
 */
public final class FakeQueueServer implements AutoCloseable {
  public static final String TOKEN = "a-token-that-no-log-may-show";

  /** What a test does to requests before they are handled. */
  @FunctionalInterface
  public interface Fault {
    /** Answers true if it has dealt with the exchange. */
    boolean handle(String path, HttpExchange exchange) throws IOException;
  }

  private static final class Held {
    private final PollAnswer.Execution execution;
    private long lease;
    private int attempt;
    private long leasedUntil;
    private @Nullable ResultItem end;
    private boolean cancelled;
    private boolean told;

    private Held(PollAnswer.Execution execution) {
      this.execution = execution;
    }

    private boolean live(long now) {
      return end == null && lease > 0 && leasedUntil - now > 0;
    }
  }

  private final HttpServer http;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<String, Held> queue = new LinkedHashMap<>();

  @GuardedBy("lock")
  private final Map<String, Long> parkedBy = new HashMap<>();

  @GuardedBy("lock")
  private final List<ResultItem> results = new ArrayList<>();

  @GuardedBy("lock")
  private final List<VerdictItem> verdicts = new ArrayList<>();

  @GuardedBy("lock")
  private final List<JsonNode> polls = new ArrayList<>();

  @GuardedBy("lock")
  private final Set<String> refusedCommands = new HashSet<>();

  @GuardedBy("lock")
  private int renewals;

  @GuardedBy("lock")
  private int requests;

  private volatile @Nullable Fault fault;
  private volatile String token = TOKEN;
  private volatile boolean closing;

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

  /** Queues one execution. */
  public void submit(PollAnswer.Execution execution) {
    synchronized (lock) {
      queue.put(execution.command(), new Held(execution));
      lock.notifyAll();
    }
  }

  public void submitAll(List<PollAnswer.Execution> executions) {
    synchronized (lock) {
      executions.forEach(e -> queue.put(e.command(), new Held(e)));
      lock.notifyAll();
    }
  }

  public void cancel(String command) {
    synchronized (lock) {
      Held held = queue.get(command);
      if (held != null) {
        held.cancelled = true;
      }
      lock.notifyAll();
    }
  }

  /** As if the lease had lapsed: the execution is handed out again. */
  public void lapse(String command) {
    synchronized (lock) {
      Held held = queue.get(command);
      if (held != null) {
        held.leasedUntil = System.nanoTime();
      }
      lock.notifyAll();
    }
  }

  /** Requests that carry a result of this command are answered 400. */
  public void refuse(String command) {
    synchronized (lock) {
      refusedCommands.add(command);
    }
  }

  // ---- what a test sees

  public List<ResultItem> results() {
    synchronized (lock) {
      return List.copyOf(results);
    }
  }

  public List<ResultItem> results(String command) {
    return results().stream().filter(r -> r.command().equals(command)).toList();
  }

  public List<VerdictItem> verdicts() {
    synchronized (lock) {
      return List.copyOf(verdicts);
    }
  }

  /** How an execution ended; null while it has not. */
  public @Nullable ResultItem end(String command) {
    synchronized (lock) {
      Held held = queue.get(command);
      return held == null ? null : held.end;
    }
  }

  public int ended() {
    synchronized (lock) {
      return (int) queue.values().stream().filter(h -> h.end != null).count();
    }
  }

  public int parked() {
    synchronized (lock) {
      return parkedBy.size();
    }
  }

  public List<JsonNode> polls() {
    synchronized (lock) {
      return List.copyOf(polls);
    }
  }

  public int renewals() {
    synchronized (lock) {
      return renewals;
    }
  }

  public int requests() {
    synchronized (lock) {
      return requests;
    }
  }

  // ---- the protocol

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      synchronized (lock) {
        requests++;
      }
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
    PollAnswer answer;
    synchronized (lock) {
      polls.add(node);
      List<VerdictItem> settled = settle(request.results());
      answer = lease(request, settled);
    }
    send(exchange, 200, Json.MAPPER.valueToTree(answer));
  }

  @GuardedBy("lock")
  private PollAnswer lease(PollRequest request, List<VerdictItem> settled)
      throws InterruptedException {
    String instance = request.poller() == null ? "" : request.poller().instance();
    long ticket = System.nanoTime();
    parkedBy.put(instance, ticket);
    lock.notifyAll();
    long end = ticket + TimeUnit.SECONDS.toNanos(request.waitSeconds());
    List<PollAnswer.Execution> executions = List.of();
    List<PollAnswer.LeaseRef> cancelled = List.of();
    while (true) {
      boolean replaced = parkedBy.getOrDefault(instance, 0L) != ticket;
      cancelled = replaced ? List.of() : newlyCancelled();
      executions = replaced ? List.of() : leased(request.capacity());
      long left = end - System.nanoTime();
      if (replaced || closing || left <= 0 || !executions.isEmpty() || !cancelled.isEmpty()) {
        parkedBy.remove(instance, ticket);
        return new PollAnswer(settled, executions, cancelled, 0, null);
      }
      lock.wait(Math.min(left / 1_000_000 + 1, nextLapse()));
    }
  }

  @GuardedBy("lock")
  private long nextLapse() {
    long now = System.nanoTime();
    return queue.values().stream()
        .filter(h -> h.live(now))
        .mapToLong(h -> (h.leasedUntil - now) / 1_000_000 + 1)
        .min()
        .orElse(60_000);
  }

  @GuardedBy("lock")
  private List<PollAnswer.LeaseRef> newlyCancelled() {
    List<PollAnswer.LeaseRef> out = new ArrayList<>();
    for (Held held : queue.values()) {
      if (held.cancelled && !held.told && held.live(System.nanoTime())) {
        held.told = true;
        out.add(new PollAnswer.LeaseRef(held.execution.command(), held.lease));
      }
    }
    return out;
  }

  @GuardedBy("lock")
  private List<PollAnswer.Execution> leased(int capacity) {
    long now = System.nanoTime();
    Set<String> heldKeys = new HashSet<>();
    for (Held held : queue.values()) {
      if (held.live(now) && !held.execution.orderingKey().isEmpty()) {
        heldKeys.add(held.execution.orderingKey());
      }
    }
    List<PollAnswer.Execution> out = new ArrayList<>();
    for (Held held : queue.values()) {
      if (out.size() == capacity) {
        break;
      }
      if (held.end == null
          && !held.cancelled
          && !held.live(now)
          && !heldKeys.contains(held.execution.orderingKey())) {
        out.add(handOut(held, now));
      }
    }
    return out;
  }

  private static PollAnswer.Execution handOut(Held held, long now) {
    held.lease++;
    held.attempt++;
    held.leasedUntil = now + TimeUnit.SECONDS.toNanos(held.execution.leaseSeconds());
    PollAnswer.Execution e = held.execution;
    return new PollAnswer.Execution(
        e.command(),
        held.lease,
        held.attempt,
        e.operation(),
        e.parameters(),
        e.configuration(),
        e.orderingKey(),
        e.leaseSeconds(),
        e.deadlineSeconds(),
        e.degrade());
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
    answer.set("results", Json.MAPPER.valueToTree(settle(items)));
    send(exchange, 200, answer);
  }

  private boolean refused(HttpExchange exchange, List<ResultItem> items) throws IOException {
    List<String> commands = items.stream().map(ResultItem::command).toList();
    boolean refuse;
    synchronized (lock) {
      refuse = !Collections.disjoint(refusedCommands, commands);
    }
    if (refuse) {
      problem(exchange, 400, "invalid", "/results/0");
    }
    return refuse;
  }

  private List<VerdictItem> settle(List<ResultItem> items) {
    List<VerdictItem> out = new ArrayList<>();
    synchronized (lock) {
      for (ResultItem item : items) {
        results.add(item);
        out.add(new VerdictItem(item.command(), item.lease(), verdict(item)));
      }
      verdicts.addAll(out);
      lock.notifyAll();
    }
    return out;
  }

  @GuardedBy("lock")
  private String verdict(ResultItem item) {
    Held held = queue.get(item.command());
    if (held == null) {
      return "unknown";
    }
    if (held.end != null && held.end.lease() == item.lease()) {
      return "duplicate";
    }
    if (held.end != null || held.lease != item.lease()) {
      return "stale";
    }
    switch (item.outcome()) {
      case "succeeded", "rejected" -> held.end = item;
      case "failed" -> {
        held.end = Boolean.FALSE.equals(item.retry()) || held.attempt >= 5 ? item : null;
        held.leasedUntil = System.nanoTime();
      }
      case "released" -> {
        held.attempt--;
        held.end = held.cancelled ? item : null;
        held.leasedUntil = System.nanoTime();
      }
      default -> {
        return "invalid";
      }
    }
    return "accepted";
  }

  private void renew(HttpExchange exchange, byte[] body) throws IOException {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    var entries = answer.putArray("leases");
    synchronized (lock) {
      for (JsonNode item : Json.parse(body).get("leases")) {
        renewals++;
        Held held = queue.get(item.get("command").stringValue());
        long lease = item.get("lease").longValue();
        var entry =
            entries
                .addObject()
                .put("command", item.get("command").stringValue())
                .put("lease", lease);
        if (held == null || held.lease != lease || !held.live(System.nanoTime())) {
          entry.put("outcome", "stale");
        } else if (held.cancelled) {
          entry.put("outcome", "cancelled");
        } else {
          long seconds = item.get("extendSeconds").longValue();
          held.leasedUntil = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
          entry.put("outcome", "extended").put("leaseSeconds", seconds);
        }
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
    closing = true;
    synchronized (lock) {
      lock.notifyAll();
    }
    http.stop(0);
  }
}
