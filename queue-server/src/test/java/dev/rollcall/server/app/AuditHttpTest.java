// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Who did what, from where, with what outcome; and who may read of it. */
final class AuditHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Api alpha;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    alpha = federation.as("participant", "alpha");
  }

  private static List<JsonNode> lines(Api reader, String query) {
    List<JsonNode> lines = new ArrayList<>();
    JsonNode page = reader.get("/v1/audit" + query).status(200).json();
    page.path("items").forEach(lines::add);
    return lines;
  }

  /** What was done to an object, newest first. */
  private static List<JsonNode> of(Api reader, String object) {
    return lines(reader, "?limit=1000").stream()
        .filter(line -> line.path("object").asString().equals(object))
        .toList();
  }

  private static List<String> actions(Api reader, String object) {
    return of(reader, object).stream().map(line -> line.path("action").asString()).toList();
  }

  @Test
  void a_command_is_noted_from_submit_to_retry_with_who_and_from_where() {
    String id = CommandJson.purge().option("maxAttempts", "1").id(alpha);
    Edge edge = federation.poller("alpha/lax-01");
    edge.report(edge.leaseOne(), "failed");
    alpha.post("/v1/commands/" + id + "/cancel").status(202);
    alpha.post("/v1/commands/" + id + "/cancel").status(202);
    String again =
        alpha.post("/v1/commands/" + id + "/retry").status(202).json().path("id").asString();

    assertThat(actions(server.operator(), "commands/" + id))
        .containsExactly("command-cancel", "command-submit");
    JsonNode submit = of(server.operator(), "commands/" + id).getLast();
    assertThat(submit.path("subject").asString()).startsWith("participant:");
    assertThat(submit.path("address").asString()).isEqualTo("127.0.0.1");
    assertThat(submit.path("outcome").asString()).isEqualTo("done");
    assertThat(submit.path("participants").toString()).isEqualTo("[\"alpha\"]");
    assertThat(submit.path("detail").path("targeted").asInt()).isEqualTo(2);
    assertThat(submit.toString()).contains("alpha/acme-www").doesNotContain("a.js");
    JsonNode retry = of(server.operator(), "commands/" + again).getFirst();
    assertThat(retry.path("action").asString()).isEqualTo("command-retry");
    assertThat(retry.path("detail").path("retryOf").asString()).isEqualTo(id);
  }

  @Test
  void what_is_repeated_or_refused_or_only_tried_out_is_no_act() {
    int before = lines(server.operator(), "?limit=1000").size();
    server.operator().post("/v1/commands?dryRun=true", CommandJson.purge().toString()).status(200);
    CommandJson.purge("alpha/none", "https://www.acme.example/a").post(alpha).status(400);
    server
        .operator()
        .putYaml("/v1/registry?dryRun=true", "participants: [{name: omega, delivery: poll}]")
        .status(200);
    server.operator().putYaml("/v1/registry", Federation.MANIFEST).status(200);

    assertThat(lines(server.operator(), "?limit=1000")).hasSize(before);
  }

  @Test
  void a_change_of_the_registry_is_noted_for_each_participant_and_shown_to_it_alone() {
    String mark = lines(server.operator(), "?limit=1").getFirst().path("at").asString();
    server
        .operator()
        .putYaml(
            "/v1/registry",
            "participants: [{name: omega, delivery: poll, servers: [{name: ome-09}]}]")
        .status(200);
    federation.change(
        Federation.MANIFEST.replace("{name: other}]", "{name: other}, {name: late}]"));

    List<JsonNode> all = lines(server.operator(), "?action=registry-change&since=" + mark);
    assertThat(all)
        .extracting(line -> line.path("object").asString())
        .contains("participants/alpha", "participants/omega");
    List<JsonNode> seen = lines(alpha, "?action=registry-change&since=" + mark);
    assertThat(seen)
        .extracting(line -> line.path("object").asString())
        .containsOnly("participants/alpha");
    assertThat(seen.toString()).contains("customer alpha/late").doesNotContain("omega", "address");
    assertThat(all.toString()).contains("server omega/ome-09", "address");
  }

  @Test
  void tokens_are_noted_by_their_id_and_never_by_what_they_say() {
    JsonNode made =
        alpha
            .post("/v1/tokens", "{\"role\": \"server\", \"scope\": \"alpha/lax-01\"}")
            .status(201)
            .json();
    String object = "tokens/" + made.path("id").asString();
    alpha.delete("/v1/" + object).status(204);

    assertThat(actions(alpha, object)).containsExactly("token-revoke", "token-create");
    assertThat(of(alpha, object).getFirst().path("detail").toString())
        .isEqualTo("{\"role\":\"server\",\"scope\":\"alpha/lax-01\"}");
    assertThat(lines(server.operator(), "?limit=1000").toString())
        .doesNotContain(made.path("token").asString(), "rct_", ServerExtension.OPERATOR);
  }

  @Test
  void a_machine_that_enrols_is_followed_from_the_join_token_to_its_credential() {
    JsonNode join = alpha.post("/v1/join-tokens", "{\"approval\": true}").status(201).json();
    Api machine = server.as(join.path("token").asString());
    String asked = "{\"name\": \"noted-01\", \"claim\": \"%s\"}".formatted("n".repeat(43));
    String enrolment =
        machine.post("/v1/edge/enroll", asked).status(202).json().path("enrolment").asString();
    alpha.post("/v1/enrolments/" + enrolment + "/approve").status(200);
    machine.post("/v1/edge/enroll", asked).status(201);
    String joinToken = "join-tokens/" + join.path("id").asString();
    alpha.delete("/v1/" + joinToken).status(204);

    assertThat(actions(alpha, joinToken)).containsExactly("join-token-revoke", "join-token-create");
    List<JsonNode> steps = of(alpha, "enrolments/" + enrolment);
    assertThat(steps)
        .extracting(step -> step.path("action").asString())
        .containsExactly("enrol", "enrolment-approve");
    JsonNode enrolled = steps.getFirst();
    assertThat(enrolled.path("subject").asString())
        .isEqualTo("join-token:" + join.path("id").asString());
    assertThat(enrolled.path("detail").path("server").asString()).isEqualTo("alpha/noted-01");
    assertThat(actions(alpha, "tokens/" + enrolled.path("detail").path("token").asString()))
        .containsExactly("token-create");
    assertThat(lines(server.operator(), "?limit=1000").toString()).doesNotContain("rcj_", "rct_");
  }

  @Test
  void the_replacement_of_a_token_is_noted_at_both() {
    JsonNode made =
        alpha
            .post("/v1/tokens", "{\"role\": \"server\", \"scope\": \"alpha/lax-01\"}")
            .status(201)
            .json();
    String old = "tokens/" + made.path("id").asString();
    String fresh =
        "tokens/" + alpha.post("/v1/" + old + "/rotate").status(201).json().path("id").asString();

    assertThat(actions(alpha, old)).containsExactly("token-rotate", "token-create");
    assertThat(actions(alpha, fresh)).containsExactly("token-create");
  }

  @Test
  void operations_and_holds_and_ends_by_force_are_noted() {
    server.operator().put("/v1/operations/audited", "{\"type\": \"object\"}").status(204);
    server.operator().put("/v1/holds/audited", "{\"participant\": \"beta\"}").status(201);
    server.operator().delete("/v1/holds/audited").status(204);
    String id = CommandJson.purge().id(alpha);
    String end = "commands/" + id + "/executions/beta/fra-01";
    server.operator().post("/v1/" + end + "/end", "{\"reason\": \"stuck\"}").status(200);

    assertThat(actions(server.operator(), "operations/audited")).containsExactly("operation-set");
    assertThat(actions(server.operator(), "holds/audited"))
        .containsExactly("hold-removed", "hold-set");
    for (Api concerned : List.of(alpha, federation.as("reporter", "beta"))) {
      assertThat(of(concerned, end).getFirst().path("detail").path("reason").asString())
          .isEqualTo("stuck");
      assertThat(of(concerned, end).getFirst().has("address")).isFalse();
    }
  }

  @Test
  void a_participant_reads_nothing_of_what_concerns_others() {
    String id =
        CommandJson.purge("beta/bravo", "https://www.bravo.example/a")
            .id(federation.as("participant", "beta"));

    assertThat(of(alpha, "commands/" + id)).isEmpty();
    assertThat(of(federation.as("reporter", "beta"), "commands/" + id)).hasSize(1);
    assertThat(lines(alpha, "?limit=1000").toString()).doesNotContain("beta", "bravo");
    federation.as("customer", "alpha/acme").get("/v1/audit").problem(403, "forbidden");
  }

  @Test
  void refusals_are_counted_for_each_caller_and_noted_in_one_line() {
    Api acme = federation.as("customer", "alpha/acme");
    try (Server another = server.another()) {
      for (int i = 0; i < 7; i++) {
        acme.at(another.baseUri()).get("/v1/tokens").problem(403, "forbidden");
        server
            .as("nonsense")
            .at(another.baseUri())
            .get("/v1/commands")
            .problem(401, "unauthenticated");
      }
    }

    JsonNode forbidden =
        lines(alpha, "?action=request").stream()
            .filter(line -> line.path("subject").asString().startsWith("customer:"))
            .findFirst()
            .orElseThrow();
    assertThat(forbidden.path("times").asInt()).isEqualTo(7);
    assertThat(forbidden.path("outcome").asString()).isEqualTo("refused");
    assertThat(forbidden.path("object").asString()).isEqualTo("GET /v1/tokens");
    assertThat(forbidden.path("detail").toString())
        .isEqualTo("{\"code\":\"forbidden\",\"status\":403}");
    List<JsonNode> nobody =
        lines(server.operator(), "?action=request").stream()
            .filter(line -> line.path("subject").asString().equals("nobody"))
            .toList();
    assertThat(nobody).hasSize(1);
    assertThat(nobody.getFirst().path("times").asInt()).isEqualTo(7);
    assertThat(lines(alpha, "?action=request").toString()).doesNotContain("nobody");
  }

  @Test
  void the_record_is_paged_and_its_times_and_actions_are_filters() {
    for (int i = 0; i < 5; i++) {
      CommandJson.purge().id(alpha);
    }
    List<String> objects = new ArrayList<>();
    String query = "?action=command-submit&limit=2";
    String next = "";
    for (int page = 0; page < 2; page++) {
      JsonNode answer = alpha.get("/v1/audit" + query + next).status(200).json();
      answer.path("items").forEach(line -> objects.add(line.path("object").asString()));
      next = "&cursor=" + answer.path("next").asString();
    }

    assertThat(objects)
        .hasSize(4)
        .isEqualTo(
            lines(alpha, "?action=command-submit").stream()
                .map(line -> line.path("object").asString())
                .limit(4)
                .toList());
    assertThat(lines(alpha, "?until=2026-01-01T00:00:00Z")).isEmpty();
    assertThat(lines(alpha, "?since=2999-01-01T00:00:00Z")).isEmpty();
    assertThat(lines(alpha, "?since=9999-12-31T23:59:59Z")).isEmpty();
    alpha.get("/v1/audit?cursor=x").invalidAt("/query/cursor");
    alpha.get("/v1/audit?actions=x").invalidAt("/query/actions");
  }

  @Test
  void the_database_refuses_to_change_or_delete_a_line() {
    CommandJson.purge().id(alpha);

    for (String statement :
        List.of(
            "update audit set subject = 'somebody else'", "delete from audit", "truncate audit")) {
      assertThatExceptionOfType(JdbiException.class)
          .as(statement)
          .isThrownBy(() -> server.database().jdbi().useHandle(handle -> handle.execute(statement)))
          .withMessageContaining("only ever added to");
    }
  }
}
