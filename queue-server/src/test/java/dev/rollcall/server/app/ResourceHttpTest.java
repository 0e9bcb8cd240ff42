// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The things of the registry one by one: made, read, replaced, removed. */
final class ResourceHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final String LAX = "/v1/participants/alpha/servers/lax-01";
  private static final String WWW = "/v1/participants/alpha/configurations/acme-www";

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  private static Api operator() {
    return server.operator();
  }

  private static Api.Answer put(String path, String json, Map<String, String> headers) {
    Map<String, String> all = new java.util.TreeMap<>(headers);
    all.put("Content-Type", "application/json");
    return operator().send("PUT", path, json, all);
  }

  private static String tag(Api.Answer answer) {
    return String.valueOf(answer.headers().get("ETag"));
  }

  private static String registry() {
    return operator().get("/v1/registry").status(200).text();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "servers/new-01 | {\"region\": \"us-west\", \"labels\": {\"tier\": \"edge\"}}",
        "customers/newcomer | {}",
        "configurations/new-www | {\"customer\": \"acme\", \"hosts\": [\"new.acme.example\"],"
            + " \"deployments\": [\"alpha/lax-01\"]}",
      })
  void a_thing_is_made_read_replaced_and_removed(String place, String body) {
    String path = "/v1/participants/alpha/" + place;
    String before = registry();
    operator().get(path).problem(404, "not-found");

    Api.Answer made = operator().put(path, body).status(201);
    Api.Answer read = operator().get(path).status(200);
    assertThat(read.text()).isEqualTo(made.text());
    assertThat(tag(read)).isEqualTo(tag(made));
    assertThat(registry()).contains(read.json().path("name").asString());
    operator().put(path, read.text()).status(200);
    assertThat(operator().get(path).text()).isEqualTo(read.text());

    Api.Answer removed = operator().delete(path).status(200);
    assertThat(removed.json().at("/removed/0/name").asString())
        .isEqualTo("alpha/" + read.json().path("name").asString());
    operator().get(path).problem(404, "not-found");
    operator().delete(path).problem(404, "not-found");
    assertThat(registry()).isEqualTo(before);
  }

  @Test
  void a_participant_is_made_as_a_manifest_would_and_keeps_what_is_not_named() {
    String path = "/v1/participants/delta";
    operator()
        .put(path, "{\"delivery\": \"poll\", \"servers\": [{\"name\": \"d-01\"}]}")
        .status(201);
    operator().put(path, "{\"delivery\": \"poll\", \"cdnId\": \"AS64500:9\"}").status(200);

    assertThat(operator().get(path).json().path("cdnId").asString()).isEqualTo("AS64500:9");
    operator().get(path + "/servers/d-01").status(200);
    assertThat(operator().get("/v1/participants").text()).contains("\"delta\"");
    operator().delete(path).status(200);
    operator().get(path + "/servers/d-01").problem(404, "not-found");
  }

  @Test
  void what_was_not_given_is_empty_and_what_is_wrong_is_named() {
    operator().put(LAX, "{}").status(200);
    assertThat(operator().get(LAX).text()).doesNotContain("us-west").doesNotContain("tier");

    operator()
        .put(LAX, "{\"name\": \"lax-02\", \"region\": \"A B\", \"colour\": 1}")
        .invalidAt("/name", "/region", "/colour");
    operator().put("/v1/participants/alpha/servers/-x", "{}").invalidAt("/name");
    operator().put("/v1/participants/alpha/servers/*", "{}").invalidAt("/name");
    operator().put(LAX, "[]").invalidAt("");
    operator()
        .put(WWW, "{\"customer\": \"nobody\", \"deployments\": [\"alpha/no-01\"]}")
        .invalidAt("/customer", "/deployments/0");
    operator()
        .put("/v1/participants/alpha", "{\"delivery\": \"carrier-pigeon\", \"exposures\": [{}]}")
        .invalidAt("/delivery", "/exposures/0/to");
  }

  @Test
  void a_change_is_made_only_to_what_was_read() {
    String first = tag(operator().get(LAX));
    put(LAX, "{\"region\": \"us-east\"}", Map.of("If-Match", first)).status(200);

    put(LAX, "{\"region\": \"us-south\"}", Map.of("If-Match", first))
        .problem(412, "precondition-failed");
    operator()
        .send("DELETE", LAX, "", Map.of("If-Match", first))
        .problem(412, "precondition-failed");
    put("/v1/participants/alpha/servers/none", "{}", Map.of("If-Match", "*"))
        .problem(412, "precondition-failed");
    put(LAX, "{}", Map.of("If-None-Match", "*")).problem(412, "precondition-failed");
    assertThat(operator().get(LAX).json().path("region").asString()).isEqualTo("us-east");
    operator().get("/v1/participants/alpha/servers/none").problem(404, "not-found");

    String second = tag(operator().get(LAX));
    operator().put("/v1/participants/alpha/servers/other-01", "{}").status(201);
    put(LAX, "{\"region\": \"us-south\"}", Map.of("If-Match", "\"x\", " + second)).status(200);
    String third = tag(operator().get(LAX));
    assertThat(operator().get(LAX, Map.of("If-None-Match", third)).status()).isEqualTo(304);
    operator().send("DELETE", LAX, "", Map.of("If-Match", third)).status(200);
  }

  @Test
  void deployments_are_replaced_alone() {
    operator().put(WWW + "/deployments", "{\"deployments\": [\"alpha/lax-02\"]}").status(200);
    assertThat(operator().get(WWW).json().path("deployments").toString())
        .isEqualTo("[\"alpha/lax-02\"]");
    assertThat(operator().get(WWW).json().path("hosts")).hasSize(2);

    operator().put(WWW + "/deployments", "[\"beta/fra-01\", \"alpha/lax-02\"]").status(200);
    assertThat(operator().get(WWW + "/deployments").json().path("deployments").toString())
        .isEqualTo("[\"alpha/lax-02\",\"beta/fra-01\"]");
    operator()
        .put(WWW + "/deployments", "{\"deployments\": [\"beta/fra-02\", \"x\"], \"hosts\": []}")
        .invalidAt("/deployments/1", "/hosts");
    operator()
        .put(WWW + "/deployments", "{\"deployments\": [\"beta/fra-02\"]}")
        .invalidAt("/deployments/0");
    operator()
        .put("/v1/participants/alpha/configurations/none/deployments", "[]")
        .problem(404, "not-found");
  }

  @Test
  void a_participant_changes_its_own_and_does_not_learn_of_others() {
    Api alpha = federation.as("participant", "alpha");
    alpha.put("/v1/participants/alpha/servers/lax-03", "{}").status(201);
    alpha.put("/v1/participants/alpha/customers/fresh", "{}").status(201);
    alpha.delete("/v1/participants/alpha/customers/fresh").status(200);
    alpha.put(WWW + "/deployments", "[\"alpha/lax-03\", \"beta/fra-01\"]").status(200);
    alpha.get("/v1/participants/alpha").status(200);

    alpha.put("/v1/participants/alpha", "{\"delivery\": \"poll\"}").problem(403, "forbidden");
    alpha.delete("/v1/participants/alpha").problem(403, "forbidden");
    for (String path : List.of("", "/servers/fra-01", "/configurations/bravo", "/servers")) {
      String there = alpha.get("/v1/participants/beta" + path).problem(404, "not-found").text();
      String nowhere = alpha.get("/v1/participants/zeta" + path).problem(404, "not-found").text();
      assertThat(there).isEqualTo(nowhere.replace("zeta", "beta"));
    }
    alpha.put("/v1/participants/beta/servers/fra-01", "{}").problem(404, "not-found");
    alpha.put("/v1/participants/beta/servers/fra-01", "{\"x\": 1}").problem(404, "not-found");
    alpha.delete("/v1/participants/beta/servers/fra-01").problem(404, "not-found");
    assertThat(alpha.get("/v1/participants").json().path("items")).hasSize(1);
    assertThat(registry()).contains("fra-01");
  }

  @Test
  void a_participant_cannot_tell_what_is_not_exposed_from_what_is_not_there() {
    Api alpha = federation.as("participant", "alpha");
    List<String> messages =
        java.util.stream.Stream.of("beta/fra-02", "beta/fra-99", "zeta/x-01", "zeta/*", "gamma/*")
            .map(name ->
                alpha
                    .put(WWW + "/deployments", "[\"" + name + "\"]")
                    .invalidAt("/deployments/0")
                    .messageAt("/deployments/0")
                    .replace(name, "IT"))
            .distinct()
            .toList();
    assertThat(messages).hasSize(1);

    Api.Answer taken =
        alpha
            .put(
                "/v1/participants/alpha/configurations/grab",
                "{\"hosts\": [\"www.bravo.example\"]}")
            .invalidAt("/hosts/0");
    assertThat(taken.text()).doesNotContain("beta").doesNotContain("\"bravo");
  }

  @Test
  void a_participant_deploys_to_anothers_own_system_where_that_or_an_operator_lets_it() {
    Api alpha = federation.as("participant", "alpha");
    String asOperatorSays = "[\"alpha/lax-01\", \"gamma/*\"]";
    alpha.put(WWW + "/deployments", asOperatorSays).invalidAt("/deployments/1");

    operator().put(WWW + "/deployments", asOperatorSays).status(200);
    alpha.put(WWW + "/deployments", "[\"alpha/lax-02\", \"gamma/*\"]").status(200);
    alpha.put("/v1/participants/alpha/customers/fresh", "{}").status(201);
    alpha.put(WWW + "/deployments", "[\"alpha/lax-02\"]").status(200);
    alpha.put(WWW + "/deployments", asOperatorSays).invalidAt("/deployments/1");

    String exposing =
        "{\"delivery\": \"gateway\", \"scope\": \"exposed\", \"exposures\": [{\"to\": \"alpha\","
            + " \"servers\": [\"*\"], \"operations\": [\"purge\"], \"hosts\": [\"*\"]}]}";
    operator().put("/v1/participants/gamma", exposing).status(200);
    alpha.put(WWW + "/deployments", asOperatorSays).status(200);
  }

  @Test
  void a_reporter_reads_and_others_do_not_come_in() {
    Api reporter = federation.as("reporter", "beta");
    reporter.get("/v1/participants/beta/servers/fra-01").status(200);
    reporter.put("/v1/participants/beta/servers/fra-01", "{}").problem(403, "forbidden");
    reporter.get(LAX).problem(404, "not-found");
    federation.as("customer", "alpha/acme").get(LAX).problem(403, "forbidden");
    federation.edge("alpha/lax-01").get(LAX).problem(403, "forbidden");
  }

  @Test
  void removing_a_server_undeploys_ends_what_waits_there_and_its_token() {
    String id = CommandJson.purge().id(operator());
    Api edge = federation.edge("beta/fra-01");
    Api beta = federation.as("participant", "beta");

    Api.Answer removed = beta.delete("/v1/participants/beta/servers/fra-01").status(200);

    assertThat(removed.text()).contains("alpha/acme-www").contains("deployments");
    assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("cancelled server-removed");
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
    edge.post("/v1/edge/poll", "{\"capacity\": 1}").problem(401, "unauthenticated");
    assertThat(operator().get("/v1/participants/beta").json().path("exposures")).isEmpty();
    assertThat(operator().get(WWW).json().path("deployments").toString())
        .isEqualTo("[\"alpha/lax-01\"]");
  }

  @Test
  void what_is_leaned_on_by_its_own_stays_and_the_answer_says_by_what() {
    Api.Answer answer =
        operator().delete("/v1/participants/alpha/customers/acme").problem(409, "conflict");

    assertThat(answer.text()).contains("acme");
    operator().get("/v1/participants/alpha/customers/acme").status(200);
  }

  @Test
  void removing_a_configuration_or_a_participant_leaves_its_commands_visible() {
    String id = CommandJson.purge().id(operator());
    operator().delete(WWW).status(200);
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");

    operator().delete("/v1/participants/beta").status(200);
    assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("cancelled server-removed");
  }

  @Test
  void the_servers_of_one_that_does_not_pull_are_known_to_its_own_system() {
    operator().put("/v1/participants/gamma/servers/g-01", "{}").problem(409, "conflict");
    operator().get("/v1/participants/gamma/servers/*").problem(404, "not-found");
    operator().delete("/v1/participants/gamma/servers/*").problem(404, "not-found");
  }

  @Test
  void lists_go_on_where_they_ended() {
    Api.Answer first = operator().get("/v1/participants/alpha/servers?limit=1").status(200);
    assertThat(first.json().at("/items/0/name").asString()).isEqualTo("lax-01");
    Api.Answer second =
        operator()
            .get(
                "/v1/participants/alpha/servers?limit=1&cursor="
                    + first.json().path("next").asString())
            .status(200);
    assertThat(second.json().at("/items/0/name").asString()).isEqualTo("lax-02");
    assertThat(second.json().has("next")).isFalse();
  }
}
