// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.telemetry.Metrics;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Clients that hold connections without asking anything of them, beside one that asks. */
@Timeout(120)
final class HostileConnectionsTest {
  private static final Duration DRIP = Duration.ofMillis(500);
  private static final Route.Access CLOSED = new Route.Access() {};
  private static final String JSON = "Content-Type: application/json\r\n";
  private static final String ASKED = "GET /open HTTP/1.1\r\nHost: x\r\n\r\n";

  private final Metrics metrics = new Metrics();
  private HttpServer server;

  @BeforeEach
  void start(@TempDir Path data) {
    server =
        new HttpServer(
            ServerConfig.read(Map.of("listen", "127.0.0.1:0", "data", data.toString()), Map.of()),
            List.of(
                Route.get("/open", Route.OPEN, ctx -> Bodies.send(ctx, 200, Map.of("a", 1))),
                Route.post("/things", CLOSED, ctx -> Bodies.send(ctx, 200, Bodies.json(ctx))),
                Route.post("/parked", CLOSED, HostileConnectionsTest::park)),
            (ctx, route) -> {
              if (ctx.header("Authorization") == null) {
                throw ApiException.unauthenticated("Who are you?");
              }
            },
            e -> null,
            metrics);
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
    metrics.close();
  }

  /** Longer than anything else may take. */
  private static void park(Context ctx) {
    JsonNode asked = Bodies.json(ctx);
    long end = System.nanoTime() + BodyPace.GRACE.plusSeconds(3).toNanos();
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    Bodies.send(ctx, 200, asked);
  }

  private Socket connect() throws IOException {
    var socket = new Socket(server.baseUri().getHost(), server.baseUri().getPort());
    socket.setSoTimeout(90_000);
    return socket;
  }

  private String ask() throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(ASKED.getBytes(ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  /** Sends some bytes, then one now and then; answers what came and after how long it ended. */
  private record End(String said, Duration after) {}

  private End hold(String first, String drip) throws Exception {
    long start = System.nanoTime();
    try (Socket socket = connect()) {
      socket.getOutputStream().write(first.getBytes(ISO_8859_1));
      Thread dripping = Thread.ofVirtual().start(() -> drip(socket, drip));
      String said = read(socket);
      Duration after = Duration.ofNanos(System.nanoTime() - start);
      dripping.interrupt();
      dripping.join();
      return new End(said, after);
    }
  }

  /** A client on a bad line: the body comes some time after the header. */
  private String poll() throws Exception {
    try (Socket socket = connect()) {
      String head = "POST /parked HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\nConnection: close\r\n";
      socket
          .getOutputStream()
          .write((head + JSON + "Content-Length: 2\r\n\r\n{").getBytes(ISO_8859_1));
      Thread.sleep(DRIP);
      socket.getOutputStream().write('}');
      return read(socket);
    }
  }

  /** The same, and on this connection nothing for longer than a body may pause, and a request. */
  private String askAgainLater() throws Exception {
    try (Socket socket = connect()) {
      String head = "POST /things HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\n";
      OutputStream out = socket.getOutputStream();
      out.write((head + JSON + "Content-Length: 2\r\n\r\n{").getBytes(ISO_8859_1));
      Thread.sleep(DRIP);
      out.write('}');
      Thread.sleep(BodyPace.GRACE.plusSeconds(3));
      out.write(ASKED.getBytes(ISO_8859_1));
      socket.shutdownOutput();
      return read(socket);
    }
  }

  private static String read(Socket socket) {
    var said = new StringBuilder();
    try {
      for (int b = socket.getInputStream().read(); b >= 0; b = socket.getInputStream().read()) {
        said.append((char) b);
      }
    } catch (IOException e) {
      said.append(""); // a connection that is reset has ended too
    }
    return said.toString();
  }

  private static void drip(Socket socket, String drip) {
    try {
      OutputStream out = socket.getOutputStream();
      for (int i = 0; !drip.isEmpty(); i++) {
        Thread.sleep(DRIP);
        out.write(drip.charAt(i % drip.length()));
      }
    } catch (IOException | InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void inTime(Future<End> end, Duration limit) throws Exception {
    assertThat(end.get().after()).isBetween(limit.minusSeconds(2), limit.plusSeconds(5));
  }

  @Test
  void who_never_finishes_a_request_is_let_go_of_and_others_are_answered() throws Exception {
    String post =
        "POST /things HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\n"
            + JSON
            + "Content-Length: 90000\r\n\r\n";
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<End>> slow =
          List.of(
              () -> hold("", ""),
              () -> hold("G", ""),
              () -> hold("GET /open HTTP/1.1\r\nHost: x\r\n", ""),
              () -> hold("GET /open HTTP/1.1\r\nHost: x\r\n", "x-a: b\r\n"),
              () -> hold("GET /", "a"),
              () -> hold("\r\n", "\r\n"));
      List<Future<End>> held = slow.stream().map(clients::submit).toList();
      Future<String> parked = clients.submit(this::poll);
      Future<String> again = clients.submit(this::askAgainLater);
      Future<End> stuckBody = clients.submit(() -> hold(post + "{", ""));
      Future<End> slowBody = clients.submit(() -> hold(post + "{", " "));

      for (int i = 0; i < 50; i++) {
        assertThat(ask()).startsWith("HTTP/1.1 200");
      }
      for (Future<End> end : held) {
        inTime(end, Connections.FIRST_REQUEST);
        assertThat(end.get().said()).doesNotContain("200 OK");
      }
      assertThat(parked.get()).startsWith("HTTP/1.1 200");
      assertThat(again.get()).contains("\r\n\r\n{}HTTP/1.1 200");
      inTime(stuckBody, BodyPace.GRACE);
      inTime(slowBody, BodyPace.GRACE);
      assertThat(stuckBody.get().said()).startsWith("HTTP/1.1 408").contains("request-timeout");
      assertThat(slowBody.get().said()).startsWith("HTTP/1.1 408").contains("request-timeout");
    }
    assertThat(ask()).startsWith("HTTP/1.1 200");
    assertThat(metrics.scrape()).contains("rollcall_http_connections_shed_total 6.0");
  }

  @Test
  void a_slow_body_of_a_stranger_is_hardly_waited_for() throws Exception {
    End end = hold("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n{", " ");

    assertThat(end.said()).startsWith("HTTP/1.1 401");
    assertThat(end.after()).isLessThan(Connections.FIRST_REQUEST);
  }

  @Test
  void a_header_that_is_too_large_is_refused() throws Exception {
    String large = "GET /open HTTP/1.1\r\nHost: x\r\nx-a: " + "a".repeat(64 << 10) + "\r\n\r\n";
    End end = hold(large, "");

    assertThat(end.after()).isLessThan(Duration.ofSeconds(5));
    assertThat(end.said())
        .satisfiesAnyOf(
            said ->
                assertThat(said).startsWith("HTTP/1.1 431").contains("application/problem+json"),
            said -> assertThat(said).as("reset, as it still sent").isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001",
        "\u0000\u00ff\u00fe\r\n\r\n",
        "GET /open\r\n\r\n",
        "GET /open HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET /open HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /open HTTP/1.1\r\n Host: x\r\n\r\n",
        "GET http://\u0000/ HTTP/9.9\r\n\r\n"
      })
  void garbage_behind_a_request_ends_the_connection_and_nothing_else(String garbage)
      throws Exception {
    End end = hold(ASKED + garbage, "");

    assertThat(end.said()).startsWith("HTTP/1.1 200");
    assertThat(end.after()).isLessThan(Connections.FIRST_REQUEST.plusSeconds(60));
    assertThat(ask()).startsWith("HTTP/1.1 200");
  }
}
