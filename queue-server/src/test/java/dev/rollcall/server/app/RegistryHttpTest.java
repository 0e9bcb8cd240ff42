// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What applying a manifest makes of the registry. */
final class RegistryHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  private static JsonNode registry() {
    return server.operator().get("/v1/registry").status(200).json();
  }

  private static JsonNode participant(String name) {
    return named(registry().path("participants"), name);
  }

  private static JsonNode named(JsonNode list, String name) {
    return list.valueStream()
        .filter(item -> item.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " in " + list));
  }

  private static List<String> names(JsonNode list) {
    return list.valueStream().map(item -> item.path("name").asString()).toList();
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asString).toList();
  }

  @Test
  void a_manifest_is_given_back_as_it_was_applied() {
    JsonNode alpha = participant("alpha");

    assertThat(alpha.path("cdnId").asString()).isEqualTo("AS64500:0");
    assertThat(alpha.path("delivery").asString()).isEqualTo("poll");
    assertThat(names(alpha.path("customers"))).containsExactlyInAnyOrder("acme", "other");
    JsonNode lax = named(alpha.path("servers"), "lax-01");
    assertThat(lax.path("region").asString()).isEqualTo("us-west");
    assertThat(lax.path("labels").path("tier").asString()).isEqualTo("edge");
    JsonNode acme = named(alpha.path("configurations"), "acme-www");
    assertThat(acme.path("customer").asString()).isEqualTo("acme");
    assertThat(texts(acme.path("hosts"))).containsExactly("www.acme.example", "*.img.acme.example");
    assertThat(texts(acme.path("deployments"))).containsExactly("alpha/lax-01", "beta/fra-01");
    JsonNode exposure = participant("beta").path("exposures").get(0);
    assertThat(exposure.path("to").asString()).isEqualTo("alpha");
    assertThat(texts(exposure.path("operations"))).containsExactly("purge", "load");
    assertThat(exposure.path("detail").asString()).isEqualTo("servers");
    assertThat(participant("gamma").path("scope").asString()).isEqualTo("exposed");
  }

  @Test
  void json_says_the_same_as_yaml() {
    JsonNode before = registry();

    JsonNode done = server.operator().put("/v1/registry", before.toString()).status(200).json();

    assertThat(done.path("created")).isEmpty();
    assertThat(done.path("changed")).isEmpty();
    assertThat(done.path("removed")).isEmpty();
    assertThat(registry()).isEqualTo(before);
  }

  @Test
  void what_was_given_back_applies_without_effect_also_when_pruning() {
    JsonNode before = registry();
    String tag = String.valueOf(server.operator().get("/v1/registry").headers().get("ETag"));

    JsonNode done =
        server.operator().put("/v1/registry?prune=true", before.toString()).status(200).json();

    assertThat(done.path("created").size() + done.path("changed").size()).isZero();
    assertThat(done.path("removed")).isEmpty();
    assertThat(server.operator().get("/v1/registry").headers()).containsEntry("ETag", tag);
  }

  @Test
  void the_answer_names_what_was_created_changed_and_removed() {
    JsonNode done =
        server
            .operator()
            .putYaml(
                "/v1/registry?prune=true",
                """
                participants:
                  - name: alpha
                    delivery: poll
                    servers: [{name: lax-01, region: us-east}, {name: lax-09}]
                """)
            .status(200)
            .json();

    assertThat(done.path("created")).hasSize(1);
    assertThat(done.path("created").get(0).path("kind").asString()).isEqualTo("server");
    assertThat(done.path("created").get(0).path("name").asString()).isEqualTo("alpha/lax-09");
    JsonNode changed = named(done.path("changed"), "alpha/lax-01");
    assertThat(texts(changed.path("fields"))).containsExactlyInAnyOrder("region", "labels");
    assertThat(names(done.path("removed")))
        .contains("beta", "gamma", "alpha/lax-02", "alpha/acme-www", "alpha/acme", "beta/fra-01")
        .doesNotContain("alpha", "alpha/lax-01");
  }

  @Test
  void what_a_manifest_names_it_replaces_whole() {
    federation.change(
        """
        participants:
          - name: alpha
            delivery: poll
            servers: [{name: lax-01}]
            configurations: [{name: acme-www, hosts: [www.acme.example]}]
        """);

    JsonNode alpha = participant("alpha");
    assertThat(alpha.has("cdnId")).isFalse();
    JsonNode lax = named(alpha.path("servers"), "lax-01");
    assertThat(lax.has("region")).isFalse();
    assertThat(lax.path("labels")).isEmpty();
    JsonNode acme = named(alpha.path("configurations"), "acme-www");
    assertThat(acme.has("customer")).isFalse();
    assertThat(texts(acme.path("hosts"))).containsExactly("www.acme.example");
    assertThat(acme.path("deployments")).isEmpty();
  }

  @Test
  void what_a_manifest_does_not_name_stays() {
    federation.change(
        """
        participants:
          - {name: alpha, delivery: poll}
        """);

    assertThat(names(registry().path("participants"))).containsExactly("alpha", "beta", "gamma");
    JsonNode alpha = participant("alpha");
    assertThat(names(alpha.path("servers"))).containsExactly("lax-01", "lax-02");
    assertThat(names(alpha.path("customers"))).containsExactly("acme", "other");
    JsonNode acme = named(alpha.path("configurations"), "acme-www");
    assertThat(texts(acme.path("deployments"))).containsExactly("alpha/lax-01", "beta/fra-01");
  }

  @Test
  void a_participant_that_is_named_without_exposures_has_none() {
    server
        .operator()
        .putYaml(
            "/v1/registry",
            """
            participants:
              - {name: beta, delivery: poll}
            """)
        .problem(400, "invalid"); // alpha/acme-www is still deployed on beta/fra-01

    federation.change(
        """
        participants:
          - name: alpha
            delivery: poll
            configurations: [{name: acme-www, hosts: [www.acme.example]}]
          - {name: beta, delivery: poll}
        """);

    assertThat(participant("beta").path("exposures")).isEmpty();
  }

  @Test
  void pruning_removes_what_is_not_named() {
    server
        .operator()
        .putYaml(
            "/v1/registry?prune=true",
            """
            participants:
              - {name: beta, delivery: poll, servers: [{name: fra-02}]}
            """)
        .status(200);

    assertThat(names(registry().path("participants"))).containsExactly("beta");
    assertThat(names(participant("beta").path("servers"))).containsExactly("fra-02");
    assertThat(participant("beta").path("configurations")).isEmpty();
  }

  @Test
  void a_dry_run_answers_the_same_and_changes_nothing() {
    String manifest =
        """
        participants:
          - {name: alpha, delivery: poll, servers: [{name: new-01}]}
        """;
    JsonNode before = registry();

    JsonNode tried =
        server
            .operator()
            .putYaml("/v1/registry?prune=true&dryRun=true", manifest)
            .status(200)
            .json();
    assertThat(registry()).isEqualTo(before);
    JsonNode done =
        server.operator().putYaml("/v1/registry?prune=true", manifest).status(200).json();

    for (String list : List.of("created", "changed", "removed")) {
      assertThat(tried.path(list)).as(list).isEqualTo(done.path(list));
    }
    assertThat(tried.path("dryRun").asBoolean()).isTrue();
    assertThat(done.path("dryRun").asBoolean()).isFalse();
  }

  @Test
  void a_dry_run_refuses_what_applying_would_refuse() {
    for (String wrong :
        List.of(
            "participants: [{name: X, delivery: poll}]",
            "participants: [{name: beta, delivery: poll}]",
            "participants: [{name: zeta, delivery: poll, configurations: [{name: c, hosts:"
                + " [www.acme.example]}]}]")) {
      Api.Answer tried = server.operator().putYaml("/v1/registry?dryRun=true", wrong);
      Api.Answer done = server.operator().putYaml("/v1/registry", wrong);
      assertThat(tried.status()).as(wrong).isEqualTo(400);
      assertThat(tried.text()).isEqualTo(done.text());
    }
  }

  @Test
  void a_refused_manifest_changes_nothing_at_all() {
    JsonNode before = registry();

    server
        .operator()
        .putYaml(
            "/v1/registry",
            """
            participants:
              - {name: alpha, delivery: poll, servers: [{name: good-01}]}
              - {name: beta, delivery: poll}
            """)
        .problem(400, "invalid");

    assertThat(registry()).isEqualTo(before);
  }

  @Test
  void a_host_may_move_from_one_configuration_to_another_in_one_manifest() {
    federation.change(
        """
        participants:
          - name: alpha
            delivery: poll
            configurations:
              - {name: acme-www, hosts: [img.acme.example]}
              - {name: other-www, hosts: [www.acme.example], deployments: ["alpha/*"]}
        """);

    JsonNode other = named(participant("alpha").path("configurations"), "other-www");
    assertThat(texts(other.path("hosts"))).containsExactly("www.acme.example");
  }

  @Test
  void hosts_are_kept_in_their_normal_form() {
    federation.change(
        """
        participants:
          - name: alpha
            delivery: poll
            configurations: [{name: acme-www, hosts: [WWW.Acme.Example., "bücher.example", "*.IMG.acme.example"]}]
        """);

    JsonNode acme = named(participant("alpha").path("configurations"), "acme-www");
    assertThat(texts(acme.path("hosts")))
        .containsExactly("www.acme.example", "xn--bcher-kva.example", "*.img.acme.example");
  }

  @Test
  void a_server_that_comes_back_is_another_one() {
    Api before = federation.edge("beta/fra-02");
    before.post("/v1/edge/poll", "{\"capacity\": 0}").status(200);
    String without =
        Federation.MANIFEST
            .replace(", {name: fra-02, region: eu-central}", "")
            .replace(", beta/fra-02]", "]");

    server.operator().putYaml("/v1/registry?prune=true", without).status(200);
    server.operator().putYaml("/v1/registry?prune=true", Federation.MANIFEST).status(200);

    before.post("/v1/edge/poll", "{\"capacity\": 0}").problem(401, "unauthenticated");
    assertThat(names(participant("beta").path("servers"))).contains("fra-02");
  }

  @Test
  void credentials_of_peers_are_given_back_as_references_only() {
    federation.change(
        """
        participants:
          - name: epsilon
            delivery: peer
            peer: {protocol: cdni-v1, url: "https://ci.epsilon.example/ci-t", token: "env:ROLLCALL_PEER_EPSILON"}
        """);

    JsonNode peer = participant("epsilon").path("peer");
    assertThat(peer.path("token").asString()).isEqualTo("env:ROLLCALL_PEER_EPSILON");
    assertThat(peer.path("url").asString()).isEqualTo("https://ci.epsilon.example/ci-t");
    assertThat(peer.size()).isEqualTo(3);
  }

  @Test
  void a_misspelt_query_parameter_is_refused() {
    server
        .operator()
        .putYaml("/v1/registry?dryrun=true", "participants: []")
        .invalidAt("/query/dryrun");
    server
        .operator()
        .putYaml("/v1/registry?dryRun=yes", "participants: []")
        .invalidAt("/query/dryRun");
  }

  @Test
  void another_media_type_is_refused() {
    Map<String, String> xml = Map.of("Content-Type", "application/xml");
    server.operator().send("PUT", "/v1/registry", "<a/>", xml).problem(415, "unsupported-type");

    Map<String, String> parameter = Map.of("Content-Type", "Application/YAML; charset=utf-8");
    server.operator().send("PUT", "/v1/registry", "participants: []", parameter).status(200);
  }
}
