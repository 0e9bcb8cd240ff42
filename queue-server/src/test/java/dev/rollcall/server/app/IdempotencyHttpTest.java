// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request that carries a key is done once, however often it is sent. */
final class IdempotencyHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    server.database().jdbi().useHandle(handle -> handle.execute("delete from idempotency_key"));
  }

  private static Map<String, String> key(String key) {
    return Map.of("Idempotency-Key", key);
  }

  private static Api.Answer submit(Api api, String key, Object command) {
    return api.post("/v1/commands", command.toString(), key(key));
  }

  private static String id(Api.Answer answer) {
    return answer.status(202).json().path("id").asString();
  }

  private static int commands() {
    return server.operator().get("/v1/commands?limit=500").json().path("items").size();
  }

  @Test
  void the_repeated_answer_is_the_command_as_it_is_now() {
    Api.Answer first = submit(server.operator(), "k", CommandJson.purge());
    String id = id(first);
    assertThat(first.headers()).doesNotContainKey("Idempotent-Replayed");
    federation.poller("alpha/lax-01").work();

    Api.Answer again = submit(server.operator(), "k", CommandJson.purge());

    assertThat(id(again)).isEqualTo(id);
    assertThat(again.headers()).containsEntry("Idempotent-Replayed", "true");
    assertThat(again.headers()).containsEntry("Location", "/v1/commands/" + id);
    assertThat(again.json().path("totals").path("succeeded").asInt()).isEqualTo(1);
  }

  @Test
  void bodies_are_compared_as_they_are_read_and_not_as_they_are_written() {
    String id =
        id(
            submit(
                server.operator(),
                "k",
                """
                {"operation": "purge", "target": {"configuration": "alpha/acme-www"},
                 "parameters": {"urls": ["https://www.acme.example/a"]}, "options": {"maxAttempts": 5, "lane": "bulk"}}
                """));

    Api.Answer again =
        submit(
            server.operator(),
            "k",
            "{\"options\":{\"lane\":\"b\\u0075lk\",\"maxAttempts\":5},\"parameters\":{\"urls\":"
                + "[\"https://www.acme.example/a\"]},\"target\":{\"configuration\":"
                + "\"alpha/acme-www\"},\n\n\"operation\":\"purge\"}");

    assertThat(id(again)).isEqualTo(id);
  }

  @Test
  void another_body_under_the_same_key_is_a_conflict_and_stores_nothing() {
    id(submit(server.operator(), "k", CommandJson.purge()));
    int before = commands();

    for (CommandJson other :
        List.of(
            CommandJson.purge().option("maxAttempts", "5"),
            CommandJson.purge("alpha/acme-www", "https://www.acme.example/b.js"),
            CommandJson.purge().target("{\"servers\": [\"alpha/lax-01\"]}"))) {
      submit(server.operator(), "k", other).problem(409, "idempotency-conflict");
    }
    assertThat(commands()).isEqualTo(before);
  }

  @Test
  void the_same_key_of_another_caller_is_another_key() {
    CommandJson purge = CommandJson.purge();
    String byOperator = id(submit(server.operator(), "k", purge));
    String byAlpha = id(submit(federation.as("participant", "alpha"), "k", purge));
    String byAcme = id(submit(federation.as("customer", "alpha/acme"), "k", purge));
    CommandJson own = CommandJson.purge("beta/bravo", "https://www.bravo.example/");
    String byBeta = id(submit(federation.as("participant", "beta"), "k", own));

    assertThat(List.of(byOperator, byAlpha, byAcme, byBeta)).doesNotHaveDuplicates();
    assertThat(id(submit(federation.as("participant", "alpha"), "k", purge)))
        .as("another token of the same participant")
        .isEqualTo(byAlpha);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"a b", "ü", "\u007f"})
  void a_key_is_visible_ascii(String key) {
    RawHttp.send(
            server.operator().base(),
            """
            POST /v1/commands HTTP/1.1\r
            Host: x\r
            Authorization: Bearer %s\r
            Content-Type: application/json\r
            Idempotency-Key: %s\r
            Content-Length: 2\r
            \r
            {}\
            """
                .formatted(ServerExtension.OPERATOR, key))
        .problem(400, "invalid");
  }

  @Test
  void a_key_has_1_to_255_characters() {
    id(submit(server.operator(), "~".repeat(255), CommandJson.purge()));
    submit(server.operator(), "~".repeat(256), CommandJson.purge())
        .invalidAt("/headers/Idempotency-Key");
    submit(server.operator(), "", CommandJson.purge()).invalidAt("/headers/Idempotency-Key");
  }

  @Test
  void fifty_at_once_give_one_command() {
    CommandJson purge = CommandJson.purge();
    List<Api.Answer> answers = fifty(() -> submit(server.operator(), "k", purge));

    assertThat(answers.stream().map(IdempotencyHttpTest::id).distinct()).hasSize(1);
    assertThat(answers.stream().filter(a -> a.headers().containsKey("Idempotent-Replayed")))
        .hasSize(49);
    assertThat(federation.poller("alpha/lax-01").lease(100)).hasSize(1);
  }

  private static List<Api.Answer> fifty(Supplier<Api.Answer> request) {
    var all = IntStream.range(0, 50).mapToObj(i -> Later.run(request)).toList();
    return all.stream().map(Later::within).toList();
  }

  @Test
  void fifty_different_bodies_at_once_give_one_command_and_conflicts() {
    List<Api.Answer> answers =
        IntStream.range(0, 50)
            .mapToObj(i ->
                Later.run(() ->
                    submit(
                        server.operator(),
                        "k",
                        CommandJson.purge("alpha/acme-www", "https://www.acme.example/" + i))))
            .toList()
            .stream()
            .map(Later::within)
            .toList();

    assertThat(answers.stream().filter(answer -> answer.status() == 202)).hasSize(1);
    assertThat(answers.stream().filter(answer -> answer.status() == 409)).hasSize(49);
    assertThat(federation.poller("alpha/lax-01").lease(100)).hasSize(1);
  }

  @Test
  void cancel_takes_a_key() {
    String id = CommandJson.purge().id(server.operator());
    String other = CommandJson.purge().id(server.operator());
    String path = "/v1/commands/" + id + "/cancel";

    Api.Answer first = server.operator().post(path, "{}", key("c")).status(202);
    Api.Answer again = server.operator().post(path, "", key("c")).status(202);

    assertThat(first.headers()).doesNotContainKey("Idempotent-Replayed");
    assertThat(again.headers()).containsEntry("Idempotent-Replayed", "true");
    assertThat(again.json().path("version")).isEqualTo(first.json().path("version"));
    server
        .operator()
        .post("/v1/commands/" + other + "/cancel", "", key("c"))
        .problem(409, "idempotency-conflict");
    assertThat(federation.state(other)).isEqualTo("pending");
    submit(server.operator(), "c", CommandJson.purge()).problem(409, "idempotency-conflict");
  }

  @Test
  void fifty_cancels_at_once_under_one_key_are_one() {
    String id = CommandJson.purge().id(server.operator());

    List<Api.Answer> answers =
        fifty(() -> server.operator().post("/v1/commands/" + id + "/cancel", "", key("c")));

    assertThat(answers).allMatch(answer -> answer.status() == 202);
    assertThat(answers.stream().filter(a -> !a.headers().containsKey("Idempotent-Replayed")))
        .hasSize(1);
    assertThat(federation.state(id)).isEqualTo("cancelled");
    assertThat(federation.total(id, "cancelled")).isEqualTo(2);
  }

  @Test
  void fifty_retries_at_once_under_one_key_give_one_command() {
    String id = CommandJson.purge().option("maxAttempts", "1").id(server.operator());
    Edge edge = federation.poller("alpha/lax-01");
    edge.report(edge.leaseOne(), "failed");

    List<Api.Answer> answers =
        fifty(() -> server.operator().post("/v1/commands/" + id + "/retry", "", key("r")));

    assertThat(answers.stream().map(IdempotencyHttpTest::id).distinct()).hasSize(1);
    assertThat(answers.stream().filter(a -> a.headers().containsKey("Idempotent-Replayed")))
        .hasSize(49);
    assertThat(edge.lease(100)).hasSize(1);
  }

  @Test
  void without_a_key_each_request_is_another_command() {
    assertThat(CommandJson.purge().id(server.operator()))
        .isNotEqualTo(CommandJson.purge().id(server.operator()));
  }

  @Test
  void a_refused_request_leaves_its_key_free() {
    submit(server.operator(), "k", CommandJson.purge("alpha/none", "https://www.acme.example/"))
        .problem(400, "invalid");
    submit(server.operator(), "k", CommandJson.purge().text("lane", "slow"))
        .problem(400, "invalid");

    id(submit(server.operator(), "k", CommandJson.purge()));
  }

  /** Comparing it must not cost what writing the number out would. */
  @Test
  void a_huge_exponent_is_compared_in_no_time() {
    server.operator().put("/v1/operations/any", "{\"type\": \"object\"}").status(204);
    String command =
        "{\"operation\": \"any\", \"target\": {\"servers\": [\"alpha/lax-01\"]}, \"parameters\":"
            + " {\"n\": 1e2000000000}}";

    server.operator().post("/v1/commands", command, key("n")).problem(400, "invalid");
  }
}
