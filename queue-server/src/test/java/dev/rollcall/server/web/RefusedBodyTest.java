// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.telemetry.Metrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that send a whole body before they read why nobody wants it. */
@Timeout(60)
final class RefusedBodyTest {
  private static final int LARGE = 8 << 20;
  private static final String JSON = "\r\nContent-Type: application/json";
  private static final Route.Access CLOSED = new Route.Access() {};

  private final Metrics metrics = new Metrics();
  private HttpServer server;

  @BeforeEach
  void start(@TempDir Path data) {
    server =
        new HttpServer(
            ServerConfig.read(Map.of("listen", "127.0.0.1:0", "data", data.toString()), Map.of()),
            List.of(
                Route.post("/things", CLOSED, ctx -> Bodies.send(ctx, 200, Bodies.json(ctx))),
                Route.post(
                    "/wrong",
                    CLOSED,
                    ctx -> {
                      throw ApiException.conflict("conflict", "It is.");
                    })),
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

  private Socket connect() throws IOException {
    var socket = new Socket(server.baseUri().getHost(), server.baseUri().getPort());
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static byte[] request(String path, String headers, byte[] body) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        ("POST " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n\r\n").getBytes(ISO_8859_1));
    out.writeBytes(body);
    return out.toByteArray();
  }

  private static byte[] chunked(int bytes) {
    var out = new ByteArrayOutputStream();
    out.writeBytes((Integer.toHexString(bytes) + "\r\n").getBytes(ISO_8859_1));
    out.writeBytes(new byte[bytes]);
    out.writeBytes("\r\n0\r\n\r\n".getBytes(ISO_8859_1));
    return out.toByteArray();
  }

  private static String readAll(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }

  @ParameterizedTest(name = "{0} {2}")
  @CsvSource({
    "/things, Authorization: x, Content-Type: application/json, 413, too-large",
    "/things, Authorization: x, Content-Type: text/plain, 415, unsupported-type",
    "/things, X-No: x, Content-Type: application/json, 401, unauthenticated",
    "/wrong, Authorization: x, Content-Type: application/json, 409, conflict"
  })
  void who_sends_all_first_reads_the_reason_and_goes_on(
      String path, String who, String type, int status, String code) throws IOException {
    String headers = String.join("\r\n", who, type);
    try (Socket announced = connect();
        Socket unannounced = connect()) {
      byte[] next =
          request(
              "/things",
              "Authorization: x" + JSON + "\r\nConnection: close\r\nContent-Length: 2",
              "{}".getBytes(ISO_8859_1));

      announced
          .getOutputStream()
          .write(request(path, headers + "\r\nContent-Length: " + LARGE, new byte[LARGE]));
      announced.getOutputStream().write(next);
      unannounced
          .getOutputStream()
          .write(request(path, headers + "\r\nTransfer-Encoding: chunked", chunked(LARGE)));
      unannounced.getOutputStream().write(next);

      for (String said : List.of(readAll(announced), readAll(unannounced))) {
        assertThat(said).startsWith("HTTP/1.1 " + status).contains("\"code\":\"" + code + "\"");
        assertThat(said).contains("HTTP/1.1 200");
      }
    }
  }

  @Test
  void who_asks_before_it_sends_is_told_not_to() throws IOException {
    String headers =
        "Authorization: x" + JSON + "\r\nExpect: 100-continue\r\nContent-Length: " + LARGE;
    long start = System.nanoTime();
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request("/things", headers, new byte[0]));

      assertThat(readAll(socket)).startsWith("HTTP/1.1 413");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Leftover.LONGEST);
  }

  @Test
  void who_never_sends_the_rest_is_answered_all_the_same() throws IOException {
    String headers = "Authorization: x" + JSON + "\r\nContent-Length: " + LARGE;
    long start = System.nanoTime();
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request("/things", headers, new byte[1]));

      assertThat(readAll(socket)).startsWith("HTTP/1.1 413");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Leftover.LONGEST.minusSeconds(1), Leftover.LONGEST.multipliedBy(2));
  }

  @Test
  void a_rest_that_is_far_too_large_is_not_waited_for() throws IOException {
    long start = System.nanoTime();
    try (Socket socket = connect()) {
      String headers =
          "Authorization: x" + JSON + "\r\nContent-Length: " + (Leftover.MOST_BYTES + 1);
      socket.getOutputStream().write(request("/things", headers, new byte[1]));

      assertThat(readAll(socket)).startsWith("HTTP/1.1 413");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Leftover.LONGEST);
  }
}
