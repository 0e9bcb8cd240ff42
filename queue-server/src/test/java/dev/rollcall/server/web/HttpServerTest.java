// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.server.config.ServerConfig;
import dev.rollcall.server.telemetry.Metrics;
import io.javalin.http.Context;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The listener by itself, with routes of its own and clients that do not behave. */
@Timeout(60)
final class HttpServerTest {
  private static final int LARGE = 32 << 20;
  private static final String JSON = "Content-Type: application/json";
  private static final Route.Access CLOSED = new Route.Access() {};

  private final Metrics metrics = new Metrics();
  private HttpServer server;

  @BeforeEach
  void start(@TempDir Path data) {
    server =
        new HttpServer(
            ServerConfig.read(Map.of("listen", "127.0.0.1:0", "data", data.toString()), Map.of()),
            List.of(
                Route.get("/open", Route.OPEN, ctx -> Bodies.send(ctx, 200, Map.of("a", 1))),
                Route.get("/large", CLOSED, ctx -> ctx.result(new byte[LARGE])),
                Route.get(
                    "/buffers",
                    Route.OPEN,
                    ctx -> Bodies.send(ctx, 200, differentBuffersOf(ctx, 10))),
                Route.get("/things/{id}", CLOSED, ctx -> Bodies.send(ctx, 200, Map.of("a", 1))),
                Route.put("/things/{id}", CLOSED, ctx -> Bodies.send(ctx, 200, Bodies.json(ctx))),
                Route.get(
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

  /** How many different ones the connector gives out, when each is given back at once. */
  private static int differentBuffersOf(Context ctx, int times) {
    ByteBufferPool pool =
        ServletContextRequest.getServletContextRequest(ctx.req())
            .getConnectionMetaData()
            .getConnector()
            .getByteBufferPool();
    Set<ByteBuffer> given = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < times; i++) {
      RetainableByteBuffer buffer = pool.acquire(8_192, i % 2 == 0);
      given.add(buffer.getByteBuffer());
      buffer.release();
    }
    return given.size();
  }

  @Test
  void a_buffer_that_was_given_back_is_never_another_connections() throws IOException {
    assertThat(body(exchange(head("GET /buffers")))).isEqualTo("10");
  }

  @AfterEach
  void stop() {
    server.close();
    metrics.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(server.baseUri().getHost(), server.baseUri().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static String head(String requestLine, String... headers) {
    return requestLine
        + " HTTP/1.1\r\nHost: x\r\n"
        + String.join("", List.of(headers).stream().map(header -> header + "\r\n").toList())
        + "\r\n";
  }

  /** All that comes back until the server closes; the client closes its side first. */
  private String exchange(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  private static int status(String answer) {
    return Integer.parseInt(answer.split(" ", 3)[1]);
  }

  private static String header(String answer, String name) {
    return answer
        .lines()
        .takeWhile(line -> !line.isEmpty())
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  private static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "/open, , 200",
    "/things/1, , 401",
    "/things/1, Authorization: x, 200",
    "/wrong, Authorization: x, 409",
    "/nothing, Authorization: x, 404"
  })
  void head_answers_as_get_does_without_the_body(String path, String authorization, int status)
      throws IOException {
    String[] headers = authorization == null ? new String[0] : new String[] {authorization};

    String get = exchange(head("GET " + path, headers));
    String head = exchange(head("HEAD " + path, headers));

    assertThat(status(get)).isEqualTo(status);
    assertThat(status(head)).isEqualTo(status);
    for (String name : List.of("Content-Type", "Content-Length", "WWW-Authenticate")) {
      assertThat(header(head, name)).as(name).isEqualTo(header(get, name));
    }
    assertThat(body(head)).isEmpty();
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "DELETE, /things/1, 'GET,HEAD,PUT'",
    "POST, /open, 'GET,HEAD'",
    "OPTIONS, /things/1, 'GET,HEAD,PUT'"
  })
  void a_method_that_is_not_allowed_is_answered_with_those_that_are(
      String method, String path, String allowed) throws IOException {
    for (String accept : List.of("Accept: */*", "Accept: text/html")) {
      String answer = exchange(head(method + " " + path, accept));

      assertThat(status(answer)).isEqualTo(405);
      assertThat(body(answer)).contains("\"method-not-allowed\"");
      Set<String> names = new TreeSet<>(List.of(header(answer, "Allow").split(", ", -1)));
      assertThat(String.join(",", names)).isEqualTo(allowed);
    }
  }

  private double responses(String status) {
    return metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith("rollcall_http_responses_total"))
        .filter(line -> line.contains("status=\"" + status + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void responses_are_counted_by_the_status_that_was_sent() throws IOException {
    exchange(head("GET /open"));
    exchange(head("GET /things/1"));
    exchange(head("GET /wrong", "Authorization: x"));
    exchange(head("GET /nothing"));
    exchange(head("DELETE /open"));

    await("all are counted").until(() -> responses("2xx") + responses("4xx") == 5);
    assertThat(responses("2xx")).isEqualTo(1);
    assertThat(responses("4xx")).isEqualTo(4);
  }

  @Test
  void a_drain_waits_until_an_answer_was_written_and_not_only_made() throws Exception {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(head("GET /large", "Authorization: x", "Connection: close").getBytes(ISO_8859_1));
      assertThat(socket.getInputStream().read()).isEqualTo('H'); // the rest is on its way

      CompletableFuture<Void> drained = CompletableFuture.runAsync(server::drain);
      assertThat(
              drained
                  .copy()
                  .completeOnTimeout(null, 500, TimeUnit.MILLISECONDS)
                  .thenApply(done -> drained.isDone())
                  .get())
          .as("drained while the answer was under way")
          .isFalse();

      assertThat(socket.getInputStream().readAllBytes().length).isGreaterThan(LARGE);
      assertThat(drained).succeedsWithin(Duration.ofSeconds(20));
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"Content-Length: 100", "Transfer-Encoding: chunked"})
  void who_breaks_off_in_a_body_is_told_so(String length) throws IOException {
    String begun = length.startsWith("Content") ? "{\"a\":" : "5\r\n{\"a\":\r\n";

    String answer = exchange(head("PUT /things/1", "Authorization: x", JSON, length) + begun);

    assertThat(status(answer)).isEqualTo(400);
    assertThat(body(answer)).contains("\"code\":\"invalid\"");
  }

  @Test
  void a_body_that_is_not_framed_as_it_says_is_a_bad_request() throws IOException {
    String answer =
        exchange(
            head("PUT /things/1", "Authorization: x", JSON, "Transfer-Encoding: chunked")
                + "zz\r\n{}\r\n");

    assertThat(status(answer)).isEqualTo(400);
    assertThat(body(answer)).contains("\"code\":\"invalid\"");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"Content-Length: 2, {}", "Transfer-Encoding: chunked, '2\r\n{}\r\n0\r\n\r\n'"})
  void a_body_says_of_what_type_it_is(String length, String sent) throws IOException {
    String without = exchange(head("PUT /things/1", "Authorization: x", length) + sent);
    String with = exchange(head("PUT /things/1", "Authorization: x", JSON, length) + sent);

    assertThat(status(without)).isEqualTo(415);
    assertThat(body(without)).contains("Content-Type is missing; allowed: application/json");
    assertThat(status(with)).isEqualTo(200);
  }

  @Test
  void what_has_no_body_needs_no_type_for_it() throws IOException {
    String answer = exchange(head("PUT /things/1", "Authorization: x", "Content-Length: 0"));

    assertThat(status(answer)).as("the body is missing, not its type").isEqualTo(400);
  }
}
