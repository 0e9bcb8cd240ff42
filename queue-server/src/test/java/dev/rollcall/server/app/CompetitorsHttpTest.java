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
      Api.Answer made = other.post("/v1/tokens", "{\"role\": \"peer\", \"scope\": \"beta\"}");
      assertThat(made.status()).as(made.text()).isIn(400, 403);
    }
    for (String credential : List.of("env:ROLLCALL_ADMIN_TOKEN", "env:HOME", "hunter2")) {
      server
          .operator()
          .put("/v1/registry", peer.formatted("\"" + credential + "\""))
          .invalidAt("/participants/0/peer/token");
    }
  }

  @Test
  void an_ordering_key_blocks_nobody_but_its_own_origin() {
    for (String key : List.of("beta/bravo", "shared")) {
      String taken = purgeOf(ON_BETA).text("orderingKey", key).id(alpha);
      Edge edge = federation.poller("beta/fra-01");
      assertThat(edge.leaseOne().command()).isEqualTo(taken);

      String betas =
          CommandJson.purge("beta/bravo", "https://www.bravo.example/a")
              .text("orderingKey", key)
              .id(beta);

      List<Edge.Lease> leased = edge.lease(10);
      assertThat(Edge.commands(leased)).containsExactly(betas);
      edge.report(leased.getFirst(), "succeeded");
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
