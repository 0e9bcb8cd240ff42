// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** A token's life: made, listed, used, replaced, expired, revoked. */
final class TokenHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Api operator;

  @BeforeEach
  void prepare() {
    federation = Federation.fresh(server);
    operator = server.operator();
  }

  private static JsonNode make(Api maker, String body) {
    return maker.post("/v1/tokens", body).status(201).json();
  }

  private static String id(JsonNode made) {
    return made.path("id").asString();
  }

  private static Api with(JsonNode made) {
    return server.as(made.path("token").asString());
  }

  private static List<JsonNode> listed(Api reader, String query) {
    return reader
        .get("/v1/tokens?limit=1000" + query)
        .status(200)
        .json()
        .path("items")
        .valueStream()
        .toList();
  }

  private static JsonNode listed(Api reader, JsonNode made) {
    return listed(reader, "").stream()
        .filter(item -> id(item).equals(id(made)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("not listed: " + made));
  }

  @Test
  void a_token_that_replaces_another_one_has_its_role_and_scope() {
    JsonNode old = make(operator, "{\"role\": \"server\", \"scope\": \"alpha/lax-01\"}");

    JsonNode made =
        operator
            .post("/v1/tokens/" + id(old) + "/rotate", "{\"overlapSeconds\": 600}")
            .status(201)
            .json();

    assertThat(id(made)).isNotEqualTo(id(old));
    assertThat(made.path("replaces").asString()).isEqualTo(id(old));
    assertThat(made.path("token").asString()).isNotEqualTo(old.path("token").asString());
    JsonNode item = listed(operator, made);
    assertThat(item.path("role").asString()).isEqualTo("server");
    assertThat(item.path("scope").asString()).isEqualTo("alpha/lax-01");
    assertThat(item.has("expiresAt")).isFalse();
    assertThat(listed(operator, old).path("replacedBy").asString()).isEqualTo(id(made));
  }

  @Test
  void both_are_valid_while_they_overlap_and_then_only_the_new_one() {
    JsonNode old = make(operator, "{\"role\": \"server\", \"scope\": \"alpha/lax-01\"}");
    with(old).post("/v1/edge/poll", "{\"capacity\": 1}").status(200);
    JsonNode made =
        operator
            .post("/v1/tokens/" + id(old) + "/rotate", "{\"overlapSeconds\": 3}")
            .status(201)
            .json();

    with(old).post("/v1/edge/poll", "{\"capacity\": 1}").status(200);
    with(made).post("/v1/edge/poll", "{\"capacity\": 1}").status(200);
    CompletableFuture<Api.Answer> parked =
        new Edge(with(old)).pollLater("{\"capacity\": 1, \"waitSeconds\": 60}");

    Instant end = Instant.parse(made.path("replacedValidUntil").asString());
    Later.within(parked).problem(401, "unauthenticated");
    assertThat(Instant.now()).isBetween(end, end.plusSeconds(2));
    with(old).post("/v1/edge/poll", "{\"capacity\": 1}").status(401);
    with(made).post("/v1/edge/poll", "{\"capacity\": 1}").status(200);
    assertThat(listed(operator, "&valid=true")).noneMatch(item -> id(item).equals(id(old)));
  }

  @Test
  void without_an_overlap_the_old_one_is_refused_at_once() {
    JsonNode old = make(operator, "{\"role\": \"reporter\"}");
    with(old).get("/v1/servers").status(200);

    operator.post("/v1/tokens/" + id(old) + "/rotate", "{\"overlapSeconds\": 0}").status(201);

    with(old).get("/v1/servers").status(401);
  }

  @Test
  void what_a_participant_may_not_give_it_does_not_replace_either() {
    Api alpha = federation.as("participant", "alpha");
    JsonNode peers = make(operator, "{\"role\": \"peer\", \"scope\": \"alpha\"}");
    JsonNode own = make(operator, "{\"role\": \"participant\", \"scope\": \"alpha\"}");

    alpha.post("/v1/tokens/" + id(peers) + "/rotate").problem(403, "forbidden");
    alpha.post("/v1/tokens/" + id(own) + "/rotate").status(201);

    assertThat(listed(operator, peers).has("replacedBy")).isFalse();
  }

  @Test
  void unless_it_is_said_otherwise_they_overlap_for_an_hour() {
    JsonNode old = make(operator, "{\"role\": \"reporter\"}");
    JsonNode made = operator.post("/v1/tokens/" + id(old) + "/rotate").status(201).json();

    assertThat(Instant.parse(made.path("replacedValidUntil").asString()))
        .isBetween(Instant.now().plusSeconds(3_590), Instant.now().plusSeconds(3_601));
  }

  @Test
  void a_replaced_token_never_lives_longer_than_it_would_have() {
    Instant end = Instant.now().plusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
    JsonNode old = make(operator, "{\"role\": \"reporter\", \"expiresAt\": \"" + end + "\"}");
    Instant later = end.plusSeconds(86_400);

    JsonNode made =
        operator
            .post("/v1/tokens/" + id(old) + "/rotate", "{\"expiresAt\": \"" + later + "\"}")
            .status(201)
            .json();

    assertThat(Instant.parse(made.path("replacedValidUntil").asString())).isEqualTo(end);
    assertThat(Instant.parse(made.path("expiresAt").asString())).isEqualTo(later);
    assertThat(Instant.parse(listed(operator, made).path("expiresAt").asString())).isEqualTo(later);
  }

  @Test
  void what_has_ended_or_is_replaced_already_cannot_be_replaced() {
    JsonNode old = make(operator, "{\"role\": \"reporter\"}");
    String path = "/v1/tokens/" + id(old) + "/rotate";
    operator.post(path).status(201);

    operator.post(path).problem(409, "conflict");
    operator.delete("/v1/tokens/" + id(old)).status(204);
    operator.post(path).problem(409, "conflict");
    operator.post("/v1/tokens/none/rotate").problem(404, "not-found");
  }

  @Test
  void what_is_wrong_with_a_rotation_is_named() {
    JsonNode old = make(operator, "{\"role\": \"reporter\"}");
    String path = "/v1/tokens/" + id(old) + "/rotate";

    operator.post(path, "{\"overlapSeconds\": 604801}").invalidAt("/overlapSeconds");
    operator.post(path, "{\"overlapSeconds\": -1}").invalidAt("/overlapSeconds");
    operator
        .post(path, "{\"expiresAt\": \"2020-01-01T00:00:00Z\", \"x\": 1}")
        .invalidAt("/expiresAt", "/x");
    assertThat(listed(operator, old).has("replacedBy")).isFalse();
  }

  @Test
  void a_participant_knows_and_replaces_its_own_tokens_only() {
    Api alpha = federation.as("participant", "alpha");
    JsonNode own = make(operator, "{\"role\": \"server\", \"scope\": \"alpha/lax-01\"}");
    JsonNode foreign = make(operator, "{\"role\": \"server\", \"scope\": \"beta/fra-01\"}");
    JsonNode operators = make(operator, "{\"role\": \"operator\"}");

    for (JsonNode other : List.of(foreign, operators)) {
      alpha.post("/v1/tokens/" + id(other) + "/rotate").problem(404, "not-found");
      alpha.delete("/v1/tokens/" + id(other)).problem(404, "not-found");
    }
    alpha.post("/v1/tokens/" + id(own) + "/rotate").status(201);
    assertThat(listed(alpha, ""))
        .isNotEmpty()
        .allMatch(item -> item.path("scope").asString().split("/", 2)[0].equals("alpha"));
  }

  @Test
  void a_list_tells_when_each_was_last_used_and_when_it_was_revoked() {
    JsonNode used = make(operator, "{\"role\": \"reporter\"}");
    JsonNode unused = make(operator, "{\"role\": \"reporter\"}");
    Instant before = Instant.now().minusSeconds(1);
    with(used).get("/v1/servers").status(200);

    await("the use is written")
        .atMost(Duration.ofSeconds(10))
        .until(() -> listed(operator, used).has("lastUsedAt"));

    assertThat(Instant.parse(listed(operator, used).path("lastUsedAt").asString()))
        .isBetween(before, Instant.now());
    assertThat(listed(operator, unused).has("lastUsedAt")).isFalse();
    operator.delete("/v1/tokens/" + id(used)).status(204);
    assertThat(Instant.parse(listed(operator, used).path("revokedAt").asString()))
        .isBetween(before, Instant.now());
    assertThat(listed(operator, "&valid=true")).noneMatch(item -> id(item).equals(id(used)));
  }

  @Test
  void who_watches_a_command_with_a_token_that_is_revoked_is_told_nothing_more() {
    String command = federation.purge("beta/bravo", "https://www.bravo.example/2");
    JsonNode token = make(operator, "{\"role\": \"reporter\"}");
    String path = "/v1/commands/" + command;
    long version = with(token).get(path).status(200).json().path("version").asLong();
    CompletableFuture<Api.Answer> watch =
        Later.run(() -> with(token).get(path + "?waitSeconds=60&sinceVersion=" + version));

    operator.delete("/v1/tokens/" + id(token)).status(204);

    Later.within(watch).problem(401, "unauthenticated");
  }

  @Test
  void the_result_of_a_lease_whose_token_was_revoked_is_not_counted() {
    JsonNode token = make(operator, "{\"role\": \"server\", \"scope\": \"beta/fra-01\"}");
    var edge = new Edge(with(token));
    String command =
        operator
            .post(
                "/v1/commands",
                """
                {"operation": "purge", "target": {"servers": ["beta/fra-01"]}, "options": {"leaseSeconds": 2},
                 "parameters": {"urls": ["https://www.bravo.example/1"]}}
                """)
            .status(202)
            .json()
            .path("id")
            .asString();
    Edge.Lease lease = edge.leaseOne();

    operator.delete("/v1/tokens/" + id(token)).status(204);

    String report = "{\"results\": [" + lease.result("succeeded") + "]}";
    edge.api().post("/v1/edge/results", report).problem(401, "unauthenticated");
    edge.api()
        .post("/v1/edge/poll", "{\"capacity\": 1, " + report.substring(1))
        .problem(401, "unauthenticated");
    edge.api()
        .post(
            "/v1/edge/leases",
            "{\"leases\": [{\"command\": \"%s\", \"lease\": %d, \"extendSeconds\": 60}]}"
                .formatted(command, lease.number()))
        .problem(401, "unauthenticated");
    List<Edge.Lease> again = federation.poller("beta/fra-01").lease(1, 20);
    assertThat(Edge.commands(again)).as("the lease has lapsed").containsExactly(command);
    assertThat(again.getFirst().number()).isGreaterThan(lease.number());
    assertThat(federation.total(command, "succeeded")).isZero();
  }

  @Test
  void who_is_asking_costs_the_database_nothing() {
    Api reader = with(make(operator, "{\"role\": \"reporter\"}"));
    reader.get("/openapi.yaml").status(200);
    int requests = 3_000;
    long before = transactions();

    for (int i = 0; i < requests; i++) {
      reader.get("/openapi.yaml").status(200);
    }

    // What goes on by itself is some dozens a second.
    assertThat(transactions() - before).isLessThan(requests / 3);
  }

  private static long transactions() {
    return server
        .database()
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select xact_commit + xact_rollback from pg_stat_database where datname ="
                        + " current_database()")
                .mapTo(Long.class)
                .one());
  }
}
