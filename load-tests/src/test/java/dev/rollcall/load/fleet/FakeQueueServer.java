// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

import dev.rollcall.load.http.Target;
import dev.rollcall.protocol.json.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.JsonNode;

/**
 * The edge protocol with a queue in memory: hands out once, accepts each result. A server is known
 * by its token; its next poll ends the one that is parked. Faults can be asked for.
 */
public final class FakeQueueServer implements AutoCloseable {
  private final ServerSocket socket;
  private final Map<String, Waiting> servers = new ConcurrentHashMap<>();
  private final boolean chunked;
  private final AtomicInteger refuseNext = new AtomicInteger();
  private final AtomicInteger cutNext = new AtomicInteger();
  private volatile boolean closeWhenRefusing;

  private static final class Waiting {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<String> commands = new ArrayDeque<>();
    private final List<String> results = new ArrayList<>();
    private int polls;
  }

  private FakeQueueServer(ServerSocket socket, boolean chunked) {
    this.socket = socket;
    this.chunked = chunked;
  }

  /**
   * @param chunked answers without a Content-Length
   */
  public static FakeQueueServer start(boolean chunked) throws IOException {
    var server =
        new FakeQueueServer(new ServerSocket(0, 4_096, InetAddress.getLoopbackAddress()), chunked);
    Thread.startVirtualThread(server::accept);
    return server;
  }

  public Target target() {
    return new Target("127.0.0.1", socket.getLocalPort());
  }

  /** The next so many polls with results are answered 503. */
  void refuseNext(int count) {
    refuseNext.set(count);
  }

  /** With a refusal the connection ends. */
  void closeWhenRefusing() {
    closeWhenRefusing = true;
  }

  /** The next so many polls with results are read, and then their connection is cut. */
  void cutNext(int count) {
    cutNext.set(count);
  }

  public void enqueue(String token, String command) {
    Waiting server = servers.computeIfAbsent(token, t -> new Waiting());
    server.lock.lock();
    try {
      server.commands.add(command);
      server.changed.signalAll();
    } finally {
      server.lock.unlock();
    }
  }

  /** What a server reported, as {@code command/lease/outcome}. */
  List<String> results(String token) {
    Waiting server = servers.computeIfAbsent(token, t -> new Waiting());
    server.lock.lock();
    try {
      return List.copyOf(server.results);
    } finally {
      server.lock.unlock();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket accepted = socket.accept();
        Thread.startVirtualThread(() -> serve(accepted));
      }
    } catch (IOException e) {
      if (!socket.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket accepted) {
    try (accepted) {
      accepted.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(accepted.getInputStream());
      while (true) {
        String token = "";
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
          if (line.startsWith("Authorization: Bearer ")) {
            token = line.substring(22);
          } else if (line.startsWith("Content-Length: ")) {
            length = Integer.parseInt(line.substring(16));
          }
        }
        JsonNode request = Json.parse(in.readNBytes(length));
        if (hasResults(request) && cutNext.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
          return;
        }
        byte[] answer = answer(token, request);
        accepted.getOutputStream().write(answer);
        if (new String(answer, StandardCharsets.US_ASCII).contains("Connection: close")) {
          return;
        }
      }
    } catch (IOException e) {
      // The edge is gone.
      return;
    }
  }

  private static boolean hasResults(JsonNode request) {
    return !request.get("results").isEmpty();
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("closed");
      }
      line.append((char) c);
    }
    return line.substring(0, Math.max(0, line.length() - 1));
  }

  private byte[] answer(String token, JsonNode request) {
    if (hasResults(request) && refuseNext.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      return response(
          "503 Service Unavailable" + (closeWhenRefusing ? "\r\nConnection: close" : ""),
          "{\"code\":\"unavailable\"}");
    }
    Waiting server = servers.computeIfAbsent(token, t -> new Waiting());
    server.lock.lock();
    try {
      var results = new StringBuilder();
      for (JsonNode item : request.get("results")) {
        server.results.add(
            item.get("command").asString()
                + "/"
                + item.get("lease")
                + "/"
                + item.get("outcome").asString());
        results
            .append(results.isEmpty() ? "" : ",")
            .append(
                "{\"command\":\"%s\",\"lease\":%s,\"verdict\":\"accepted\"}"
                    .formatted(item.get("command").asString(), item.get("lease")));
      }
      return response(
          "200 OK",
          "{\"results\":[%s],\"executions\":[%s],\"cancelled\":[],\"pollAfterSeconds\":0}"
              .formatted(results, executions(server, request)));
    } finally {
      server.lock.unlock();
    }
  }

  private static String executions(Waiting server, JsonNode request) {
    int poll = ++server.polls;
    server.changed.signalAll();
    try {
      long wait = TimeUnit.SECONDS.toNanos(request.get("waitSeconds").asInt());
      while (server.polls == poll
          && server.commands.isEmpty()
          && request.get("results").isEmpty()
          && wait > 0) {
        wait = server.changed.awaitNanos(wait);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    int most = server.polls == poll ? request.get("capacity").asInt() : 0;
    var executions = new StringBuilder();
    for (int i = 0; i < most && !server.commands.isEmpty(); i++) {
      executions
          .append(executions.isEmpty() ? "" : ",")
          .append(
              """
              {"command":"%s","lease":1,"attempt":1,"operation":"purge",\
              "parameters":{"urls":["https://www.acme.example/assets/app.js"]},\
              "configuration":{"name":"alpha/acme-www","hosts":["www.acme.example"]},\
              "orderingKey":"alpha/acme-www","leaseSeconds":60,"deadlineSeconds":86395}\
              """
                  .formatted(server.commands.removeFirst()));
    }
    return executions.toString();
  }

  private byte[] response(String status, String body) {
    int half = body.length() / 2;
    String framed =
        chunked
            ? "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"
                .formatted(
                    half, body.substring(0, half), body.length() - half, body.substring(half))
            : "content-length: %d\r\n\r\n%s".formatted(body.length(), body);
    return ("HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + framed)
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
