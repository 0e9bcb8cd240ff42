// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.rollcall.edge.fake.FakeQueueServer;
import dev.rollcall.edge.fake.PollerProcess;
import dev.rollcall.protocol.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A machine that comes with a join token, and leaves with its server's own. */
final class EnrollIT {
  private static final String JOIN = "rcj_a-join-token-that-nobody-may-show";

  @TempDir private Path home;
  private FakeQueueServer server;
  private Path config;
  private final List<JsonNode> asked = new CopyOnWriteArrayList<>();
  private volatile int status = 201;

  @BeforeEach
  void prepare() throws IOException {
    server = new FakeQueueServer();
    server.fault(this::answer);
    config = Files.writeString(home.resolve("poller.yaml"), "server: " + server.address() + "\n");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private boolean answer(String path, HttpExchange exchange) throws IOException {
    if (!path.equals("/v1/edge/enroll")) {
      return false;
    }
    assertThat(exchange.getRequestHeaders().getFirst("Authorization")).isEqualTo("Bearer " + JOIN);
    asked.add(Json.parse(exchange.getRequestBody().readAllBytes()));
    if (status > 202) {
      FakeQueueServer.problem(exchange, status, "refused", "");
      return true;
    }
    String body =
        status == 202
            ? "{\"state\": \"pending\", \"server\": \"alpha/lax-01\"}"
            : "{\"state\": \"enrolled\", \"server\": \"alpha/lax-01\", \"id\": \"1\", \"token\": \""
                + FakeQueueServer.TOKEN
                + "\"}";
    exchange.sendResponseHeaders(status, body.length());
    exchange.getResponseBody().write(body.getBytes(UTF_8));
    return true;
  }

  private PollerProcess start(String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("enroll", "--name", "lax-01", "--config", config.toString()));
    arguments.addAll(List.of(more));
    return PollerProcess.start(
        home, Map.of("ROLLCALL_JOIN_TOKEN", JOIN), arguments.toArray(String[]::new));
  }

  private PollerProcess.Ended run(String... more) throws Exception {
    try (PollerProcess process = start(more)) {
      int ended = process.await();
      var result = new PollerProcess.Ended(ended, process.out(), process.err());
      assertThat(result.all()).doesNotContain(JOIN, FakeQueueServer.TOKEN);
      return result;
    }
  }

  @Test
  void the_token_is_put_beside_the_settings_for_its_owner_only() throws Exception {
    PollerProcess.Ended ended = run();

    assertThat(ended.status()).as(ended.all()).isZero();
    Path token = home.resolve("token");
    assertThat(token).hasContent(FakeQueueServer.TOKEN);
    assertThat(Files.getPosixFilePermissions(token))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(ended.out()).contains("as alpha/lax-01", "set tokenFile: " + token, "check");
    assertThat(home.resolve("token.claim")).doesNotExist();
    assertThat(asked).hasSize(1);
    assertThat(asked.getFirst().path("claim").stringValue()).hasSizeGreaterThanOrEqualTo(43);

    PollerProcess.Ended again = run();
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.err()).contains("--replace");
    assertThat(run("--replace").status()).isZero();
    assertThat(asked).hasSize(2);
  }

  @Test
  void it_waits_for_an_approval_and_asks_with_the_same_claim_also_after_a_kill() throws Exception {
    status = 202;
    try (PollerProcess waiting = start()) {
      await("it asks again").atMost(Duration.ofSeconds(20)).until(() -> asked.size() >= 2);
      assertThat(waiting.out()).containsOnlyOnce("waiting");
      waiting.kill();
    }
    assertThat(run("--no-wait").status()).isEqualTo(1);
    assertThat(Files.getPosixFilePermissions(home.resolve("token.claim")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    try (PollerProcess waiting = start()) {
      await("it waits").until(() -> waiting.out().contains("approve alpha/lax-01"));
      status = 201;
      assertThat(waiting.await()).isZero();
    }

    assertThat(home.resolve("token")).hasContent(FakeQueueServer.TOKEN);
    assertThat(asked.stream().map(a -> a.path("claim").stringValue()).distinct()).hasSize(1);
  }

  @Test
  void who_is_refused_is_told_so_and_ends() throws Exception {
    for (int refusal : List.of(401, 403, 409)) {
      status = refusal;
      PollerProcess.Ended ended = run();
      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.err()).contains("status " + refusal);
    }
    assertThat(home.resolve("token")).doesNotExist();
  }

  @Test
  void a_server_that_is_not_there_yet_is_waited_for() throws Exception {
    status = 503;
    try (PollerProcess waiting = start()) {
      await("it asks again").atMost(Duration.ofSeconds(20)).until(() -> asked.size() >= 2);
      status = 201;
      assertThat(waiting.await()).isZero();
    }
  }

  @Test
  void without_a_join_token_or_a_place_for_the_token_nothing_is_asked() throws Exception {
    PollerProcess.Ended none =
        PollerProcess.run(home, Map.of(), "enroll", "--name", "a", "--config", config.toString());
    PollerProcess.Ended nowhere =
        PollerProcess.run(
            home,
            Map.of("ROLLCALL_JOIN_TOKEN", JOIN),
            "enroll",
            "--name",
            "a",
            "--server",
            server.address().toString());

    assertThat(none.status()).isEqualTo(1);
    assertThat(none.err()).contains("ROLLCALL_JOIN_TOKEN");
    assertThat(nowhere.status()).isEqualTo(1);
    assertThat(nowhere.err()).contains("tokenFile");
    assertThat(asked).isEmpty();
  }
}
