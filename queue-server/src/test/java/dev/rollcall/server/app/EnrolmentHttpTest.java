// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.testkit.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** Machines that come with a join token, and who lets them in. */
final class EnrolmentHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final AtomicInteger CLAIMS = new AtomicInteger();

  private Federation federation;
  private Api operator;
  private Api alpha;

  @BeforeEach
  void prepare() {
    federation = Federation.fresh(server);
    operator = server.operator();
    alpha = federation.as("participant", "alpha");
  }

  private static String claim() {
    return "%043d".formatted(CLAIMS.incrementAndGet());
  }

  private JsonNode join(String more) {
    return alpha.post("/v1/join-tokens", "{" + more + "}").status(201).json();
  }

  private static Api with(JsonNode made) {
    return server.as(made.path("token").asString());
  }

  private static Api.Answer ask(JsonNode join, String name, String claim) {
    return with(join)
        .post("/v1/edge/enroll", "{\"name\": \"%s\", \"claim\": \"%s\"}".formatted(name, claim));
  }

  private JsonNode registered(String name) {
    return operator
        .get("/v1/registry")
        .json()
        .path("participants")
        .path(0)
        .path("servers")
        .valueStream()
        .filter(s -> s.path("name").asString().equals(name))
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  private JsonNode listed(Api reader, String server) {
    List<JsonNode> found =
        reader
            .get("/v1/enrolments?limit=1000&state=pending")
            .status(200)
            .json()
            .path("items")
            .valueStream()
            .filter(item -> item.path("server").asString().equals(server))
            .toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private static void polls(JsonNode credential) {
    with(credential).post("/v1/edge/poll", "{\"capacity\": 1}").status(200);
  }

  @Test
  void a_machine_becomes_a_server_with_the_region_and_labels_of_the_join_token() {
    JsonNode join = join("\"region\": \"us-east\", \"labels\": {\"tier\": \"edge\"}");

    JsonNode answer = ask(join, "nyc-01", claim()).status(201).json();

    assertThat(answer.path("server").asString()).isEqualTo("alpha/nyc-01");
    assertThat(registered("nyc-01").path("region").asString()).isEqualTo("us-east");
    assertThat(registered("nyc-01").path("labels").path("tier").asString()).isEqualTo("edge");
    polls(answer);
    String command =
        operator
            .post(
                "/v1/commands",
                """
                {"operation": "purge", "target": {"configuration": "alpha/other-www"},
                 "parameters": {"urls": ["https://www.other.example/1"]}}
                """)
            .status(202)
            .json()
            .path("id")
            .asString();
    assertThat(Edge.commands(new Edge(with(answer)).lease(1, 10))).containsExactly(command);
  }

  @Test
  void a_server_that_the_registry_has_already_is_kept_as_it_is() {
    JsonNode join = join("\"region\": \"us-east\"");

    polls(ask(join, "lax-02", claim()).status(201).json());

    assertThat(registered("lax-02").path("region").asString()).isEqualTo("us-west");
    assertThat(registered("lax-02").path("labels").path("tier").asString()).isEqualTo("mid");
  }

  @Test
  void an_answer_that_got_lost_is_asked_for_again_and_replaces_what_was_lost() {
    JsonNode join = join("");
    String claim = claim();
    JsonNode lost = ask(join, "nyc-02", claim).status(201).json();

    JsonNode found = ask(join, "nyc-02", claim).status(201).json();

    polls(found);
    with(lost).post("/v1/edge/poll", "{\"capacity\": 1}").status(401);
  }

  @Test
  void a_claim_is_spent_an_hour_after_it_was_collected() {
    JsonNode join = join("");
    String claim = claim();
    JsonNode first = ask(join, "nyc-03", claim).status(201).json();
    server
        .database()
        .jdbi()
        .useHandle(handle ->
            handle.execute("update enrolment set enrolled_at = enrolled_at - interval '61 min'"));

    ask(join, "nyc-03", claim).problem(409, "conflict");
    polls(first);
  }

  @Test
  void a_join_token_is_good_for_its_uses_only() {
    JsonNode join = join("\"uses\": 2");
    ask(join, "nyc-04", claim()).status(201);
    ask(join, "nyc-05", claim()).status(201);

    ask(join, "nyc-06", claim()).problem(401, "unauthenticated");

    assertThat(registered("nyc-06").isMissingNode()).isTrue();
  }

  @Test
  void many_at_once_spend_no_more_uses_than_there_are() {
    JsonNode join = join("\"uses\": 3");
    List<CompletableFuture<Api.Answer>> all =
        IntStream.range(0, 12)
            .mapToObj(i -> Later.run(() -> ask(join, "many-" + i, claim())))
            .toList();

    List<Integer> statuses = all.stream().map(a -> Later.within(a).status()).sorted().toList();

    assertThat(statuses.subList(0, 3)).containsOnly(201);
    assertThat(statuses.subList(3, 12)).containsOnly(401);
  }

  @Test
  void of_many_who_want_one_name_at_once_one_gets_it_and_the_others_wait() {
    JsonNode join = join("\"uses\": 8");
    List<CompletableFuture<Api.Answer>> all =
        IntStream.range(0, 8)
            .mapToObj(i -> Later.run(() -> ask(join, "same-01", claim())))
            .toList();

    List<Integer> statuses = all.stream().map(a -> Later.within(a).status()).sorted().toList();

    assertThat(statuses).containsExactly(201, 202, 202, 202, 202, 202, 202, 202);
  }

  @Test
  void what_has_expired_or_was_revoked_or_is_no_join_token_lets_nobody_in() {
    JsonNode expired = join("\"expiresAt\": \"" + Instant.now().plusSeconds(60) + "\"");
    server
        .database()
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "update join_token set expires_at = now() where id = ?::uuid",
                expired.path("id").asString()));
    JsonNode revoked = join("");
    alpha.delete("/v1/join-tokens/" + revoked.path("id").asString()).status(204);

    ask(expired, "nyc-07", claim()).problem(401, "unauthenticated");
    ask(revoked, "nyc-07", claim()).problem(401, "unauthenticated");
    for (String none : List.of("", "rcj_none", ServerExtension.OPERATOR)) {
      server
          .as(none)
          .post("/v1/edge/enroll", "{\"name\": \"a\", \"claim\": \"" + claim() + "\"}")
          .problem(401, "unauthenticated");
    }
    with(revoked).get("/v1/servers").problem(401, "unauthenticated");
    assertThat(registered("nyc-07").isMissingNode()).isTrue();
  }

  @Test
  void with_approval_a_machine_waits_until_it_is_let_in() {
    JsonNode join = join("\"approval\": true");
    String claim = claim();
    Api.Answer waits = ask(join, "nyc-08", claim).status(202);
    assertThat(waits.headers()).containsKey("Retry-After");
    assertThat(waits.json().has("token")).isFalse();
    assertThat(registered("nyc-08").isMissingNode()).isTrue();
    JsonNode listed = listed(alpha, "alpha/nyc-08");
    assertThat(listed.path("hadCredential").asBoolean()).isFalse();
    assertThat(listed.path("address").asString()).isEqualTo("127.0.0.1");

    alpha.post("/v1/enrolments/" + listed.path("id").asString() + "/approve").status(200);

    polls(ask(join, "nyc-08", claim).status(201).json());
    alpha
        .post("/v1/enrolments/" + listed.path("id").asString() + "/refuse")
        .problem(409, "conflict");
  }

  @Test
  void a_machine_that_is_refused_is_told_why() {
    JsonNode join = join("\"approval\": true");
    String claim = claim();
    ask(join, "nyc-09", claim).status(202);
    String id = listed(alpha, "alpha/nyc-09").path("id").asString();

    alpha.post("/v1/enrolments/" + id + "/refuse", "{\"reason\": \"not one of ours\"}").status(200);

    Api.Answer refused = ask(join, "nyc-09", claim).problem(403, "forbidden");
    assertThat(refused.text()).contains("not one of ours");
    assertThat(registered("nyc-09").isMissingNode()).isTrue();
  }

  @Test
  void who_takes_over_a_server_needs_an_approval_and_ends_the_old_credential() {
    Api old = federation.edge("alpha/lax-01");
    old.post("/v1/edge/poll", "{\"capacity\": 1}").status(200);
    String command = federation.purge("alpha/other-www", "https://www.other.example/2");
    JsonNode join = join("");
    String claim = claim();

    ask(join, "lax-01", claim).status(202);

    old.post("/v1/edge/poll", "{\"capacity\": 0}").status(200);
    JsonNode listed = listed(alpha, "alpha/lax-01");
    assertThat(listed.path("hadCredential").asBoolean()).isTrue();
    alpha.post("/v1/enrolments/" + listed.path("id").asString() + "/approve").status(200);
    old.post("/v1/edge/poll", "{\"capacity\": 0}").status(200);
    JsonNode credential = ask(join, "lax-01", claim).status(201).json();
    old.post("/v1/edge/poll", "{\"capacity\": 0}").status(401);
    assertThat(Edge.commands(new Edge(with(credential)).lease(1)))
        .as("the server keeps its queue")
        .containsExactly(command);
  }

  @Test
  void a_join_token_that_replaces_takes_over_at_once() {
    Api old = federation.edge("alpha/lax-01");
    JsonNode join = join("\"replaces\": true");

    polls(ask(join, "lax-01", claim()).status(201).json());

    old.post("/v1/edge/poll", "{\"capacity\": 0}").status(401);
  }

  @Test
  void a_join_token_that_is_revoked_ends_what_waits_with_it() {
    JsonNode join = join("\"approval\": true, \"uses\": 2");
    String claim = claim();
    ask(join, "nyc-10", claim).status(202);
    String id = listed(alpha, "alpha/nyc-10").path("id").asString();

    alpha.delete("/v1/join-tokens/" + join.path("id").asString()).status(204);

    alpha.post("/v1/enrolments/" + id + "/approve").problem(409, "conflict");
    ask(join, "nyc-10", claim).problem(401, "unauthenticated");
  }

  @Test
  void participants_know_nothing_of_each_others_machines() {
    Api beta = federation.as("participant", "beta");
    JsonNode join = join("\"approval\": true");
    ask(join, "nyc-11", claim()).status(202);
    String id = listed(operator, "alpha/nyc-11").path("id").asString();

    beta.post("/v1/enrolments/" + id + "/approve").problem(404, "not-found");
    beta.post("/v1/enrolments/" + id + "/refuse").problem(404, "not-found");
    beta.delete("/v1/join-tokens/" + join.path("id").asString()).problem(404, "not-found");
    assertThat(beta.get("/v1/enrolments").json().path("items")).isEmpty();
    assertThat(beta.get("/v1/join-tokens").json().path("items")).isEmpty();
    beta.post("/v1/join-tokens", "{\"participant\": \"alpha\"}").invalidAt("/participant");
    alpha.get("/v1/join-tokens").status(200);
    federation.as("customer", "alpha/acme").get("/v1/join-tokens").problem(403, "forbidden");
  }

  @Test
  void what_is_wrong_with_a_request_is_named() {
    alpha
        .post(
            "/v1/join-tokens",
            """
            {"uses": 0, "expiresAt": "2020-01-01T00:00:00Z", "region": "!", "labels": {"a b": "c"}, "approval": 1,
             "x": 1}
            """)
        .invalidAt("/uses", "/expiresAt", "/region", "/labels", "/approval", "/x");
    operator.post("/v1/join-tokens", "{}").invalidAt("/participant");
    operator.post("/v1/join-tokens", "{\"participant\": \"gamma\"}").invalidAt("/participant");
    with(join(""))
        .post("/v1/edge/enroll", "{\"name\": \"A B\", \"claim\": \"short\"}")
        .invalidAt("/name", "/claim");
    JsonNode join = join("");
    String claim = claim();
    ask(join, "nyc-12", claim).status(201);
    ask(join, "nyc-13", claim).problem(409, "conflict");
    alpha.get("/v1/enrolments?state=none").invalidAt("/query/state");
  }

  @Test
  void machines_that_have_shown_nothing_hold_one_connection_at_a_time() {
    JsonNode join = join("\"uses\": 5");
    try (Session tokens = server.database().session()) {
      tokens.begin();
      tokens.run(h -> h.execute("lock table join_token in access exclusive mode"));
      var asked = new ArrayList<CompletableFuture<Api.Answer>>();
      asked.add(Later.run(() -> ask(join, "nyc-20", claim())));
      tokens.awaitBlocking(asked.getFirst());
      for (int i = 21; i < 25; i++) {
        String name = "nyc-" + i;
        asked.add(Later.run(() -> ask(join, name, claim())));
      }
      await("the others keep off the database")
          .during(Duration.ofSeconds(1))
          .atMost(Duration.ofSeconds(3))
          .until(EnrolmentHttpTest::waiting, waiting -> waiting == 1);
      tokens.commit();

      asked.forEach(answer -> Later.within(answer).status(201));
    }
  }

  private static int waiting() {
    return server
        .database()
        .jdbi()
        .withHandle(h ->
            h.createQuery(
                    "select count(*) from pg_locks where relation = 'join_token'::regclass and not"
                        + " granted")
                .mapTo(Integer.class)
                .one());
  }
}
