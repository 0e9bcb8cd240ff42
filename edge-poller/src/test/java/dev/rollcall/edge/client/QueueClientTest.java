// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.rollcall.edge.config.TlsFiles;
import dev.rollcall.edge.config.TokenSource;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.protocol.edge.LeaseRenewal;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.edge.PollRequest;
import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class QueueClientTest {
  @FunctionalInterface
  private interface Handler {
    void handle(HttpExchange exchange) throws IOException, InterruptedException;
  }

  @TempDir private Path directory;
  private HttpServer server;
  private QueueClient client;
  private Path token;
  private final AtomicReference<Handler> handler = new AtomicReference<>();
  private final CountDownLatch end = new CountDownLatch(1);

  @BeforeEach
  void start() throws IOException {
    token = Files.writeString(directory.resolve("token"), "the-token");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.createContext("/", this::handle);
    server.start();
    client = client("http://127.0.0.1:" + server.getAddress().getPort(), Duration.ofSeconds(5));
  }

  private QueueClient client(String address, Duration margin) {
    return new QueueClient(
        URI.create(address),
        new TokenSource.InFile(token),
        TlsFiles.NONE,
        "test",
        margin,
        Ticker.system());
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      handler.get().handle(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() {
    end.countDown();
    client.close();
    server.stop(0);
  }

  private void answer(int status, String body, String... headers) {
    handler.set(exchange -> send(exchange, status, body, headers));
  }

  private static void send(HttpExchange exchange, int status, String body, String... headers)
      throws IOException {
    for (int i = 0; i < headers.length; i += 2) {
      exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
    }
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private CallOutcome<EdgeAnswer> poll() throws InterruptedException {
    return client.poll(
        new PollRequest(3, 1, List.of(), new PollRequest.PollerInfo("i", "v", List.of()), null));
  }

  @Test
  void a_poll_says_what_the_contract_wants_and_reads_what_it_gives() throws Exception {
    var asked = new AtomicReference<String>();
    handler.set(exchange -> {
      asked.set(
          exchange.getRequestMethod()
              + " "
              + exchange.getRequestURI()
              + " "
              + exchange.getRequestHeaders().getFirst("Authorization")
              + " "
              + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      send(
          exchange,
          200,
          """
          {"results": [{"command": "c0", "lease": 4, "verdict": "accepted"}],
           "executions": [
             {"command": "c1", "lease": 5, "attempt": 1, "operation": "purge",
              "parameters": {"urls": ["https://www.acme.example/a"]},
              "configuration": {"name": "alpha/acme-www", "hosts": ["www.acme.example"]},
              "orderingKey": "k", "leaseSeconds": 60, "deadlineSeconds": 86395, "new": 1},
             {"command": "c2", "lease": 6, "attempt": 1, "operation": "purge"},
             {"command": "c3", "lease": 7, "attempt": "x", "operation": "purge", "parameters": {},
              "orderingKey": "", "leaseSeconds": 1, "deadlineSeconds": 1},
             7],
           "cancelled": [{"command": "c4", "lease": 8}], "pollAfterSeconds": 2, "later": {}}
          """);
    });
    long before = System.nanoTime();

    var outcome = (CallOutcome.Answered<EdgeAnswer>) poll();

    assertThat(asked.get())
        .isEqualTo(
            "POST /v1/edge/poll Bearer the-token {\"capacity\":3,\"waitSeconds\":1,\"results\":[],"
                + "\"poller\":{\"instance\":\"i\",\"version\":\"v\",\"operations\":[]},"
                + "\"resynced\":null}");
    PollAnswer answer = outcome.answer().answer();
    assertThat(answer.results()).containsExactly(new PollAnswer.VerdictItem("c0", 4, "accepted"));
    assertThat(answer.executions()).extracting("command").containsExactly("c1");
    assertThat(answer.cancelled()).containsExactly(new PollAnswer.LeaseRef("c4", 8));
    assertThat(answer.pollAfterSeconds()).isEqualTo(2);
    assertThat(outcome.answer().unreadable())
        .extracting("command", "lease")
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("c2", 6L),
            org.assertj.core.groups.Tuple.tuple("c3", 7L));
    assertThat(outcome.receivedNanos()).isBetween(before, System.nanoTime());
  }

  @Test
  void results_and_renewals_go_their_own_ways() throws Exception {
    handler.set(exchange -> {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      boolean renewal = exchange.getRequestURI().getPath().equals("/v1/edge/leases");
      assertThat(Json.parse(body.getBytes(UTF_8)).propertyNames())
          .containsExactly(renewal ? "leases" : "results");
      send(
          exchange,
          200,
          renewal
              ? "{\"leases\": [{\"command\": \"c\", \"lease\": 1, \"outcome\": \"stale\"}]}"
              : "{\"results\": [{\"command\": \"c\", \"lease\": 1, \"verdict\": \"stale\"}]}");
    });
    var result = new ResultItem("c", 1, "succeeded", null, null, null, null, null, null);

    assertThat(client.results(List.of(result)))
        .isInstanceOfSatisfying(
            CallOutcome.Answered.class,
            a ->
                assertThat(a.answer())
                    .isEqualTo(List.of(new PollAnswer.VerdictItem("c", 1, "stale"))));
    assertThat(client.renew(List.of(new LeaseRenewal.Item("c", 1, 60))))
        .isInstanceOfSatisfying(
            CallOutcome.Answered.class,
            a ->
                assertThat(a.answer())
                    .isEqualTo(List.of(new LeaseRenewal.Entry("c", 1, "stale", null))));
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void a_token_that_is_not_accepted_is_read_anew_for_the_next_call(int status) throws Exception {
    handler.set(exchange -> {
      boolean good = "Bearer new".equals(exchange.getRequestHeaders().getFirst("Authorization"));
      send(exchange, good ? 200 : status, good ? "{}" : "{\"title\": \"no\"}");
    });

    assertThat(poll())
        .isEqualTo(new CallOutcome.Unauthenticated<EdgeAnswer>("status " + status + ": no"));
    Files.writeString(token, "new");
    assertThat(poll()).isInstanceOf(CallOutcome.Answered.class);
  }

  @Test
  void a_token_that_is_gone_is_said_without_a_call() throws Exception {
    Files.delete(token);
    answer(500, "");

    assertThat(poll())
        .isEqualTo(new CallOutcome.Unauthenticated<EdgeAnswer>(token + " does not exist"));
  }

  @ParameterizedTest(name = "{0} with Retry-After {1}: {2}")
  @CsvSource({
    "429, 7, PT7S",
    "503, 0, PT0S",
    "503, '', ",
    "503, soon, ",
  })
  void who_is_to_come_later_is_told_when(int status, String value, Duration pause)
      throws Exception {
    answer(status, "", "Retry-After", value);

    assertThat(poll())
        .isEqualTo(new CallOutcome.Throttled<EdgeAnswer>(status, Optional.ofNullable(pause)));
  }

  @Test
  void what_is_refused_is_named_by_its_pointers() throws Exception {
    answer(
        400,
        "{\"code\": \"invalid\", \"errors\": [{\"pointer\": \"/results/0/lease\", \"message\": \"is"
            + " -1\"}]}");

    assertThat(poll())
        .isEqualTo(
            new CallOutcome.Refused<EdgeAnswer>(
                400, true, List.of(new Problem("/results/0/lease", "is -1"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>400 Bad Request</html>", "", "{}"})
  void a_refusal_that_is_no_problem_document_is_not_the_queue_servers(String body)
      throws Exception {
    answer(400, body);

    assertThat(poll())
        .isInstanceOfSatisfying(
            CallOutcome.Refused.class, refused -> assertThat(refused.byServer()).isFalse());
  }

  @Test
  void an_answer_too_large_for_a_small_heap_is_not_taken_into_it() throws Exception {
    answer(200, "{\"executions\": [" + "{},".repeat(300_000) + "{}]}");

    assertThat(poll())
        .isEqualTo(
            new CallOutcome.Failed<EdgeAnswer>(
                "the answer is larger than any answer of a queue server"));
  }

  @ParameterizedTest(name = "status {0} with {1}: {2}")
  @CsvSource({
    "200, <html>hello</html>, the answer is no JSON object but \"<html>hello</html>\"; is this a"
        + " queue server's address?",
    "200, '', the answer is no JSON object but empty; is this a queue server's address?",
    "404, <html>, 'status 404, and no word of a queue server why; is this its address?'",
  })
  void what_is_no_queue_server_is_said_to_be_none(int status, String body, String reason)
      throws Exception {
    answer(status, body);

    assertThat(poll()).isEqualTo(new CallOutcome.Failed<EdgeAnswer>(reason));
  }

  @Test
  void a_redirect_is_named_and_not_followed() throws Exception {
    answer(302, "", "Location", "https://login.example/");

    assertThat(poll())
        .isEqualTo(
            new CallOutcome.Failed<EdgeAnswer>(
                "status 302: it redirects to https://login.example/, and redirects are not"
                    + " followed"));
  }

  @Test
  void an_execution_of_which_nothing_could_be_reported_is_only_counted() throws Exception {
    String long_ = "c".repeat(1_001);
    answer(
        200,
        "{\"executions\": [7, {}, {\"command\": \"c\"}, {\"command\": \"c\", \"lease\": 1.5},"
            + " {\"command\": \""
            + long_
            + "\", \"lease\": 1}, {\"command\": \"c\", \"lease\": 1}]}");

    var outcome = (CallOutcome.Answered<EdgeAnswer>) poll();

    assertThat(outcome.answer().nameless()).isEqualTo(5);
    assertThat(outcome.answer().unreadable()).extracting("command").containsExactly("c");
  }

  @ParameterizedTest(name = "status {0}")
  @CsvSource({
    "404, <html>",
    "500, ''",
    "302, ''",
    "200, not JSON",
    "200, []",
    "200, {\"executions\": 7}",
    "200, '{\"results\": [{\"command\": \"c\", \"lease\": 1}]}'"
  })
  void what_cannot_be_used_is_a_failure(int status, String body) throws Exception {
    answer(status, body, "Location", "http://127.0.0.1:1/");

    assertThat(poll()).isInstanceOf(CallOutcome.Failed.class);
  }

  @Test
  void a_server_that_is_not_there_is_a_failure() throws Exception {
    server.stop(0);

    assertThat(poll()).isInstanceOf(CallOutcome.Failed.class);
  }

  @Test
  void a_server_that_never_ends_its_answer_is_a_failure_in_time() throws Exception {
    handler.set(exchange -> {
      exchange.sendResponseHeaders(200, 100);
      exchange.getResponseBody().write('{');
      exchange.getResponseBody().flush();
      end.await();
    });
    try (QueueClient hasty =
        client("http://127.0.0.1:" + server.getAddress().getPort(), Duration.ofMillis(300))) {
      assertThat(hasty.results(List.of())).isInstanceOf(CallOutcome.Failed.class);
    }
  }

  @Test
  void an_answer_without_end_is_a_failure() throws Exception {
    handler.set(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      byte[] piece = new byte[1 << 20];
      for (int i = 0; i < 20; i++) {
        exchange.getResponseBody().write(piece);
      }
    });

    assertThat(poll()).isInstanceOf(CallOutcome.Failed.class);
  }
}
