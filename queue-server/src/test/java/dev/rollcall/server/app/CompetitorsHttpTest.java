// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Alpha and beta compete and share one server: what alpha's tokens reach of what is beta's. */
final class CompetitorsHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final String ON_BETA = "{\"servers\": [\"beta/fra-01\"]}";
  private static final String OF_ALPHA = "/v1/participants/alpha";
  private static final String OF_BETA = "/v1/participants/beta";
  private static final String URL_OF_ACME = "{\"urls\": [\"https://www.acme.example/a.js\"]}";

  private Federation federation;
  private Api alpha;
  private Api beta;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    alpha = federation.as("participant", "alpha");
    beta = federation.as("participant", "beta");
  }

  private static CommandJson purgeOf(String target) {
    return CommandJson.of("purge").target(target).parameters(URL_OF_ACME);
  }

  private void betaExposes(String exposures) {
    federation.change(
        """
        participants:
          - name: beta
            delivery: poll
            servers: [{name: fra-01, region: eu-central}, {name: fra-02, region: eu-central}]
            configurations: [{name: bravo, hosts: [www.bravo.example], deployments: [beta/fra-01, beta/fra-02]}]
            exposures: %s
        """
            .formatted(exposures));
  }

  @Test
  void a_participant_purges_on_anothers_server_only_while_its_exposure_says_so() {
    String queued = CommandJson.purge().id(alpha);
    assertThat(federation.stands(queued, "beta/fra-01")).isEqualTo("pending");

    betaExposes("[{to: alpha, servers: [fra-01], operations: [load], hosts: [\"*\"]}]");

    assertThat(federation.stands(queued, "beta/fra-01")).isEqualTo("rejected exposure");
    for (CommandJson purge : List.of(CommandJson.purge(), purgeOf(ON_BETA))) {
      assertThat(federation.stands(purge.id(alpha), "beta/fra-01")).isEqualTo("rejected exposure");
    }
    assertThat(federation.poller("beta/fra-01").lease(10)).isEmpty();

    betaExposes("[{to: alpha, servers: [fra-01], operations: [purge], hosts: [\"*\"]}]");
    assertThat(federation.stands(CommandJson.purge().id(alpha), "beta/fra-01"))
        .isEqualTo("pending");
  }

  @Test
  void a_participant_reads_nothing_of_anothers_servers_configurations_and_commands() {
    String betas = CommandJson.purge("beta/bravo", "https://www.bravo.example/secret").id(beta);
    String shared = CommandJson.purge().id(alpha);

    for (Api reader : List.of(alpha, federation.as("reporter", "alpha"))) {
      assertThat(reader.get("/v1/servers").status(200).text())
          .contains("alpha/lax-01")
          .doesNotContain("beta");
      assertThat(reader.get("/v1/commands").status(200).text())
          .contains(shared)
          .doesNotContain(betas, "bravo", "fra-02");
      reader.get("/v1/commands/" + betas).problem(404, "not-found");
      reader.get("/v1/commands/" + betas + "/executions").problem(404, "not-found");
      reader.get("/v1/registry").problem(403, "forbidden");
      reader.get("/v1/reports/command_status?since=2026-01-01T00:00:00Z").problem(403, "forbidden");
      reader.get("/v1/holds").problem(403, "forbidden");
      assertThat(reader.get("/v1/participants").status(200).text())
          .contains("\"alpha\"")
          .doesNotContain("\"beta\"");
      for (String path : List.of("", "/servers", "/servers/fra-01", "/configurations/bravo")) {
        reader.get(OF_BETA + path).problem(404, "not-found");
      }
      assertThat(reader.get("/v1/audit?action=command-submit").status(200).text())
          .contains(shared)
          .doesNotContain(betas, "bravo");
    }
    assertThat(alpha.get("/v1/tokens").status(200).text()).doesNotContain("beta");
  }

  @Test
  void the_server_of_another_takes_commands_for_own_configurations_only() {
    purgeOf("{\"servers\": [\"beta/fra-02\"]}").post(alpha).invalidAt("/target/servers/0");
    CommandJson.of("purge")
        .target(ON_BETA)
        .parameters("{\"urls\": [\"https://www.bravo.example/a\"]}")
        .post(alpha)
        .invalidAt("/parameters");
    CommandJson.of("purge")
        .target("{\"selector\": {\"participants\": [\"beta\"]}}")
        .parameters("{\"urls\": [\"https://www.bravo.example/a\"]}")
        .post(alpha)
        .invalidAt("/parameters");
    CommandJson.purge("beta/bravo", "https://www.bravo.example/a")
        .post(alpha)
        .invalidAt("/target/configuration");
    CommandJson.of("purge")
        .target(ON_BETA)
        .parameters("{\"everything\": true}")
        .post(alpha)
        .invalidAt("/parameters");
    server.operator().put("/v1/operations/restart", "{\"type\": \"object\"}").status(204);
    CommandJson.of("restart").target(ON_BETA).post(alpha).problem(403, "forbidden");
    assertThat(federation.poller("beta/fra-01").lease(10)).isEmpty();
  }

  @Test
  void nobody_but_an_operator_writes_the_registry_and_no_host_has_two_owners() {
    String claim =
        "{\"participants\": [{\"name\": \"alpha\", \"delivery\": \"poll\", \"configurations\":"
            + " [{\"name\": \"grab\", \"hosts\": [\"www.bravo.example\"]}]}]}";

    for (Api other : everyoneOfAlpha()) {
      other.put("/v1/registry", claim).problem(403, "forbidden");
      other.put("/v1/registry?dryRun=true", claim).problem(403, "forbidden");
      other.put("/v1/operations/purge", "{}").problem(403, "forbidden");
    }
    server.operator().put("/v1/registry", claim).problem(400, "invalid");
  }

  @Test
  void nobody_of_alpha_claims_a_host_of_betas_and_nobody_is_told_whose_it_is() {
    for (String host : List.of("www.bravo.example", "*.bravo.example", "WWW.bravo.example")) {
      String claim = "{\"hosts\": [\"" + host + "\"], \"customer\": \"acme\"}";
      for (Api other : everyoneOfAlpha()) {
        for (String name : List.of("grab", "acme-www")) {
          Api.Answer refused = other.put(OF_ALPHA + "/configurations/" + name, claim);
          assertThat(refused.status()).as(refused.text()).isEqualTo(other == alpha ? 400 : 403);
          assertThat(refused.text()).doesNotContain("beta", "beta/bravo");
        }
      }
    }
    CommandJson.purge("alpha/acme-www", "https://www.bravo.example/a")
        .post(alpha)
        .invalidAt("/parameters/urls/0");
    CommandJson.purge("beta/bravo", "https://www.bravo.example/a").id(beta);
  }

  @Test
  void nobody_of_alpha_changes_what_is_betas_or_what_beta_exposes() {
    String before = server.operator().get("/v1/registry").status(200).text();
    String generous =
        "{\"delivery\": \"poll\", \"exposures\": [{\"to\": \"alpha\", \"servers\": [\"*\"],"
            + " \"operations\": [\"purge\"], \"hosts\": [\"*\"]}]}";

    for (Api other : everyoneOfAlpha()) {
      int hidden = other == alpha ? 404 : 403;
      for (String path : List.of("/servers/fra-01", "/servers/x-01", "/configurations/bravo")) {
        other.put(OF_BETA + path, "{}").status(hidden);
        other.delete(OF_BETA + path).status(hidden);
      }
      other.put(OF_BETA + "/configurations/bravo/deployments", "[]").status(hidden);
      other.post(OF_BETA + "/servers/fra-01/token", "").status(hidden);
      other.put(OF_BETA, generous).problem(403, "forbidden");
      other.delete(OF_BETA).problem(403, "forbidden");
      String more = "[\"alpha/lax-01\", \"beta/fra-02\"]";
      other
          .put(OF_ALPHA + "/configurations/acme-www/deployments", more)
          .status(other == alpha ? 400 : 403);
    }
    assertThat(server.operator().get("/v1/registry").status(200).text()).isEqualTo(before);
  }

  @Test
  void a_join_token_of_alphas_makes_machines_of_alphas_only() {
    Edge betas = federation.poller("beta/fra-01");
    Api machine =
        alpha.holding(
            alpha
                .post("/v1/join-tokens", "{\"replaces\": true}")
                .status(201)
                .json()
                .path("token")
                .asString());
    String claim = "\", \"claim\": \"" + "a".repeat(43) + "\"}";

    machine.post("/v1/edge/enroll", "{\"name\": \"beta/fra-01" + claim).problem(400, "invalid");
    Api.Answer made = machine.post("/v1/edge/enroll", "{\"name\": \"fra-01" + claim).status(201);

    assertThat(made.json().path("server").asString()).isEqualTo("alpha/fra-01");
    CommandJson.purge("beta/bravo", "https://www.bravo.example/a").id(beta);
    Edge alphas = new Edge(alpha.holding(made.json().path("token").asString()));
    assertThat(alphas.lease(10)).isEmpty();
    assertThat(betas.lease(10)).hasSize(1);
    alpha.post("/v1/join-tokens", "{\"participant\": \"beta\"}").invalidAt("/participant");
  }

  private List<Api> everyoneOfAlpha() {
    return List.of(
        alpha,
        federation.as("customer", "alpha/acme"),
        federation.as("reporter", "alpha"),
        federation.as("peer", "alpha"),
        federation.edge("alpha/lax-01"));
  }

  @Test
  void nobody_but_an_operator_names_an_address_or_a_credential_for_it() {
    String peer =
        "{\"participants\": [{\"name\": \"delta\", \"delivery\": \"peer\", \"peer\": {\"protocol\":"
            + " \"cdni-v1\", \"url\": \"https://delta.example/\", \"token\": %s}}]}";

    for (Api other : everyoneOfAlpha()) {
      other
          .put("/v1/registry", peer.formatted("\"env:ROLLCALL_PEER_BETA\""))
          .problem(403, "forbidden");
      for (String path : List.of(OF_ALPHA, OF_BETA, "/v1/participants/delta")) {
        other.put(path, ofPeer("env:ROLLCALL_PEER_BETA")).problem(403, "forbidden");
      }
      Api.Answer made = other.post("/v1/tokens", "{\"role\": \"peer\", \"scope\": \"beta\"}");
      assertThat(made.status()).as(made.text()).isIn(400, 403);
    }
    for (String credential : List.of("env:ROLLCALL_ADMIN_TOKEN", "env:HOME", "hunter2")) {
      server
          .operator()
          .put("/v1/registry", peer.formatted("\"" + credential + "\""))
          .invalidAt("/participants/0/peer/token");
      server.operator().put("/v1/participants/delta", ofPeer(credential)).invalidAt("/peer/token");
    }
  }

  private static String ofPeer(String credential) {
    return "{\"delivery\": \"peer\", \"peer\": {\"protocol\": \"cdni-v1\","
        + " \"url\": \"https://delta.example/\", \"token\": \""
        + credential
        + "\"}}";
  }

  @Test
  void an_ordering_key_blocks_nobody_but_its_own_origin() {
    Edge edge = federation.poller("beta/fra-01");
    for (Api blocker : List.of(alpha, federation.as("customer", "alpha/acme"))) {
      for (String key : List.of("beta/bravo", "shared")) {
        String taken = CommandJson.purge().text("orderingKey", key).id(blocker);
        Edge.Lease held = edge.leaseOne();
        assertThat(held.command()).isEqualTo(taken);

        String betas =
            CommandJson.purge("beta/bravo", "https://www.bravo.example/a")
                .text("orderingKey", key)
                .id(beta);

        List<Edge.Lease> leased = edge.lease(10);
        assertThat(Edge.commands(leased)).containsExactly(betas);
        edge.report(leased.getFirst(), "succeeded");
        edge.report(held, "succeeded");
      }
    }
  }

  @Test
  void a_key_that_two_participants_use_for_repeats_stands_for_a_command_of_each() {
    Map<String, String> key = Map.of("Idempotency-Key", "deploy-1");

    String first = alpha.post("/v1/commands", CommandJson.purge().toString(), key).text();
    Api.Answer second = beta.post("/v1/commands", purgeOf(ON_BETA).toString(), key);

    assertThat(second.status(202).headers()).doesNotContainKey("Idempotent-Replayed");
    assertThat(first).doesNotContain(second.json().path("id").asString());
  }

  @Test
  void a_customer_sees_and_commands_its_own_and_nothing_of_its_neighbours() {
    Api acme = federation.as("customer", "alpha/acme");
    String others = CommandJson.purge("alpha/other-www", "https://www.other.example/a").id(alpha);
    String own = CommandJson.purge().id(acme);

    assertThat(acme.get("/v1/commands").status(200).text())
        .contains(own)
        .doesNotContain(others, "other-www");
    acme.get("/v1/commands/" + others).problem(404, "not-found");
    acme.post("/v1/commands/" + others + "/cancel").problem(404, "not-found");
    CommandJson.purge("alpha/other-www", "https://www.other.example/a")
        .post(acme)
        .invalidAt("/target/configuration");
    CommandJson.purge("alpha/acme-www", "https://www.other.example/a")
        .post(acme)
        .invalidAt("/parameters/urls/0");
    purgeOf("{\"servers\": [\"alpha/lax-01\"]}").post(acme).problem(403, "forbidden");
    acme.get("/v1/servers").problem(403, "forbidden");
    assertThat(acme.get("/v1/commands/" + own + "/executions").status(200).text())
        .contains("beta/fra-01")
        .doesNotContain("alpha/lax");
  }

  @Test
  void a_customer_is_told_no_names_of_servers_before_the_command_either() {
    betaExposes("[{to: alpha, servers: [fra-01], operations: [load], hosts: [\"*\"]}]");
    Api acme = federation.as("customer", "alpha/acme");
    CommandJson whole = CommandJson.purge().option("partial", "false");

    Api.Answer tried = acme.post("/v1/commands?dryRun=true", CommandJson.purge().toString());
    assertThat(tried.status(200).text()).doesNotContain("lax-", "fra-");
    assertThat(tried.json().path("participants").get(1).path("targeted").asInt()).isEqualTo(1);
    assertThat(tried.json().path("rejected").asInt()).isEqualTo(1);
    Api.Answer refused = whole.post(acme);
    assertThat(refused.problem(409, "conflict").text())
        .contains("beta: exposure")
        .doesNotContain("lax-", "fra-");
    assertThat(whole.post(alpha).problem(409, "conflict").text()).contains("beta/fra-01: exposure");
  }

  @Test
  void a_server_leases_and_reports_as_itself_and_nothing_else() {
    String id = CommandJson.purge().id(alpha);
    Edge right = federation.poller("beta/fra-01");
    Edge.Lease lease = right.leaseOne();

    Edge wrong = federation.poller("beta/fra-02");
    assertThat(wrong.lease(10)).isEmpty();
    assertThat(wrong.report(lease, "succeeded")).isEqualTo("unknown");
    assertThat(
            Edge.verdicts(
                wrong.poll("{\"capacity\": 0, \"results\": [" + lease.result("succeeded") + "]}")))
        .containsExactly("unknown");
    String renewal =
        "{\"leases\": [{\"command\": \"%s\", \"lease\": %d, \"extendSeconds\": 600}]}"
            .formatted(id, lease.number());
    assertThat(wrong.api().post("/v1/edge/leases", renewal).status(200).text())
        .contains("\"stale\"");

    assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("leased");
    for (String path : List.of("/v1/commands", "/v1/servers", "/v1/tokens", "/metrics")) {
      federation.edge("beta/fra-01").get(path).problem(403, "forbidden");
    }
    purgeOf(ON_BETA).post(federation.edge("beta/fra-01")).problem(403, "forbidden");
  }
}
