// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.process;

import dev.rollcall.load.fleet.EdgeIdentity;
import dev.rollcall.load.history.CommandLog;
import dev.rollcall.load.http.HttpConnection;
import dev.rollcall.load.http.Target;
import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/** What an operator does over REST. Confined to one thread; keeps one connection. */
public final class Operator implements AutoCloseable {
  private static final Duration LONGEST_ANSWER = Duration.ofMinutes(5);
  private static final int TOKENS_AT_ONCE = 4;

  private final Target target;
  private final String token;
  private final HttpConnection connection;

  public Operator(Target target, String token) {
    this.target = target;
    this.token = token;
    this.connection = new HttpConnection(target, token, LONGEST_ANSWER);
  }

  /** Makes the registry hold these groups. */
  public void register(List<Group> groups) throws IOException {
    List<Map<String, Object>> participants = new ArrayList<>();
    groups.forEach(group -> participants.addAll(group.entries()));
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("participants", participants);
    connection.put("/v1/registry", Json.MAPPER.writeValueAsString(manifest)).require(200);
  }

  /** Gives each server of a group a token. */
  public List<EdgeIdentity> enrol(Group group) {
    List<String> names = group.serverNames();
    EdgeIdentity[] edges = new EdgeIdentity[names.size()];
    var next = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < TOKENS_AT_ONCE; i++) {
        work.add(
            threads.submit(() -> {
              enrol(names, edges, next);
              return true;
            }));
      }
      for (Future<?> part : work) {
        part.get();
      }
      return List.of(edges);
    } catch (ExecutionException e) {
      throw new IllegalStateException("tokens could not be made: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void enrol(List<String> names, EdgeIdentity[] edges, AtomicInteger next)
      throws IOException {
    try (var own = new HttpConnection(target, token, LONGEST_ANSWER)) {
      for (int i = next.getAndIncrement(); i < edges.length; i = next.getAndIncrement()) {
        String path = "/v1/participants/" + names.get(i).replace("/", "/servers/") + "/token";
        JsonNode answer = json(own.post(path, "").require(201));
        edges[i] = new EdgeIdentity(i, names.get(i), answer.get("token").asString());
      }
    }
  }

  private static JsonNode json(HttpConnection.Answer answer) {
    return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
  }

  /** Submits and waits for the 202; notes it in the log. */
  public CommandLog.Accepted submit(String command, CommandLog log) throws IOException {
    long sentAt = System.nanoTime();
    HttpConnection.Answer answer = connection.post("/v1/commands", command).require(202);
    long answeredAt = System.nanoTime();
    JsonNode body = json(answer);
    var accepted =
        new CommandLog.Accepted(
            UUID.fromString(body.get("id").asString()),
            sentAt,
            answeredAt,
            body.get("totals").get("targeted").asInt());
    log.accepted(accepted);
    return accepted;
  }

  public HttpConnection.Answer get(String path) throws IOException {
    return connection.get(path);
  }

  public HttpConnection.Answer put(String path, String json) throws IOException {
    return connection.put(path, json);
  }

  public void cancel(UUID command) throws IOException {
    connection.post("/v1/commands/" + command + "/cancel", "").require(202);
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
