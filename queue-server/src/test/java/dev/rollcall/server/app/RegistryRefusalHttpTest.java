// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which manifests are refused, and what the answer says. */
final class RegistryRefusalHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  @BeforeEach
  void begin() {
    Federation.fresh(server);
  }

  private static Api.Answer apply(String yaml) {
    return server.operator().putYaml("/v1/registry", yaml);
  }

  /** With these further fields of a new participant. */
  private static Api.Answer applyNew(String fields) {
    return apply("participants: [{name: zeta, delivery: poll, " + fields + "}]");
  }

  @Test
  void all_problems_are_listed_at_once_each_with_its_pointer() {
    apply(
            """
            surprise: 1
            participants:
              - name: Alpha
                delivery: pull
                colour: red
                cdnId: 64500
                servers: [{name: "-x"}, {region: "A B"}, {name: ok, labels: {tier: 1}}]
                customers: [{name: c}, {name: c}]
                configurations:
                  - {name: web, hosts: [10.0.0.1, "http://x.example", localhost], deployments: [lax, "a/b/c"]}
                exposures: [{servers: x, detail: everything, commandsPerMinute: 0}]
              - 7
            """)
        .invalidAt(
            "/surprise",
            "/participants/0/name",
            "/participants/0/delivery",
            "/participants/0/colour",
            "/participants/0/cdnId",
            "/participants/0/servers/0/name",
            "/participants/0/servers/1/name",
            "/participants/0/servers/1/region",
            "/participants/0/servers/2/labels/tier",
            "/participants/0/customers/1/name",
            "/participants/0/configurations/0/hosts/0",
            "/participants/0/configurations/0/hosts/1",
            "/participants/0/configurations/0/hosts/2",
            "/participants/0/configurations/0/deployments/0",
            "/participants/0/configurations/0/deployments/1",
            "/participants/0/exposures/0/to",
            "/participants/0/exposures/0/servers",
            "/participants/0/exposures/0/detail",
            "/participants/0/exposures/0/commandsPerMinute",
            "/participants/1");
  }

  @Test
  void contradictions_are_listed_all_at_once_too() {
    Api.Answer answer =
        apply(
            """
            participants:
              - name: zeta
                delivery: poll
                servers: [{name: z-01}]
                configurations:
                  - {name: one, customer: nobody, hosts: [one.zeta.example]}
                  - {name: two, deployments: [zeta/z-99, nowhere/x-01, beta/fra-01, "beta/*", gamma/g-01]}
                exposures: [{to: nobody}, {to: zeta}, {to: alpha, servers: [z-77]}]
            """);

    answer.invalidAt(
        "/participants/0/configurations/0/customer",
        "/participants/0/configurations/1/deployments/0",
        "/participants/0/configurations/1/deployments/1",
        "/participants/0/configurations/1/deployments/2",
        "/participants/0/configurations/1/deployments/3",
        "/participants/0/configurations/1/deployments/4",
        "/participants/0/exposures/0/to",
        "/participants/0/exposures/1/to",
        "/participants/0/exposures/2/servers");
    assertThat(answer.messageAt("/participants/0/configurations/1/deployments/2"))
        .contains("beta does not expose it to zeta");
  }

  @Test
  void a_malformed_name_does_not_hide_a_contradiction_elsewhere() {
    apply(
            """
            participants:
              - name: zeta
                delivery: poll
                cdnId: nonsense
                configurations: [{name: one, customer: nobody}]
            """)
        .invalidAt("/participants/0/cdnId", "/participants/0/configurations/0/customer");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "www.acme.example",
        "WWW.ACME.example.",
        "a.img.acme.example",
        "*.img.acme.example",
        "*.b.img.acme.example",
        "*.acme.example"
      })
  void a_host_that_somebody_else_has_is_refused_also_under_wildcards(String host) {
    Api.Answer answer = applyNew("configurations: [{name: web, hosts: [\"" + host + "\"]}]");

    answer.problem(400, "invalid");
    assertThat(answer.pointers()).contains("/participants/0/configurations/0/hosts/0");
    assertThat(answer.messageAt("/participants/0/configurations/0/hosts/0"))
        .contains("is claimed by alpha/");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"img.acme.example", "acme.example", "x.www.acme.example"})
  void a_host_beside_anothers_is_allowed(String host) {
    applyNew("configurations: [{name: web, hosts: [" + host + "]}]").status(200);
  }

  @Test
  void a_host_claimed_twice_in_one_manifest_is_refused() {
    applyNew(
            "configurations: [{name: a, hosts: [x.zeta.example]}, {name: b, hosts:"
                + " [\"*.zeta.example\"]}]")
        .invalidAt("/participants/0/configurations/1/hosts/0");
  }

  @Test
  void a_configuration_may_name_a_host_and_the_wildcard_above_it() {
    applyNew("configurations: [{name: a, hosts: [x.zeta.example, \"*.zeta.example\"]}]")
        .status(200);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "127.0.0.1",
        "\"[::1]\"",
        "\"::1\"",
        "2130706433",
        "a.0x7f",
        "localhost",
        "\"*.example\"",
        "\"*\"",
        "\"*.example:80\"",
        "\"a*.example\"",
        "\"*.*.example\"",
        "\"a..example\"",
        "\"a .example\"",
        "\"a.example/x\"",
        "\"a.example\\n\"",
        "\"\""
      })
  void a_host_is_a_dns_name_with_a_dot(String host) {
    applyNew("configurations: [{name: a, hosts: [" + host + "]}]")
        .invalidAt("/participants/0/configurations/0/hosts/0");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "http://ci.zeta.example/",
        "ftp://ci.zeta.example/",
        "https://user:secret@ci.zeta.example/",
        "https://ci.zeta.example/#part",
        "https:///nothing",
        "ci.zeta.example",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "file:///etc/passwd",
        "https://a b/"
      })
  void a_peers_url_is_https_and_plain(String url) {
    Api.Answer answer =
        apply(
            "participants: [{name: zeta, delivery: peer, peer: {protocol: rollcall, url: \""
                + url
                + "\"}}]");

    answer.invalidAt("/participants/0/peer/url");
    assertThat(answer.text()).doesNotContain("secret");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"http://localhost:9000/x", "http://127.0.0.1:1/", "http://[::1]:8/"})
  void a_peer_on_this_machine_may_be_http(String url) {
    apply(
            "participants: [{name: zeta, delivery: peer, peer: {protocol: http, url: \""
                + url
                + "\"}}]")
        .status(200);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "s3cr3t-s3cr3t-s3cr3t",
        "env:ROLLCALL_ADMIN_TOKEN",
        "env:PATH",
        "env:ROLLCALL_PEER_",
        "file:../admin-token",
        "file:/etc/passwd",
        "file:a/../../b",
        "file:.hidden",
        "https://vault.example/x"
      })
  void a_credential_is_a_reference_to_a_place_for_credentials(String token) {
    Api.Answer answer =
        apply(
            "participants: [{name: zeta, delivery: peer, peer: {protocol: http, url:"
                + " \"https://z.example\", token: \""
                + token
                + "\"}}]");

    answer.invalidAt("/participants/0/peer/token");
    assertThat(answer.text()).doesNotContain("s3cr3t");
  }

  @Test
  void delivery_and_what_belongs_to_it_go_together() {
    apply("participants: [{name: zeta, delivery: peer}]").invalidAt("/participants/0/peer");
    applyNew("peer: {protocol: http, url: \"https://z.example\"}")
        .invalidAt("/participants/0/peer");
    apply("participants: [{name: zeta, delivery: gateway, servers: [{name: z-01}]}]")
        .invalidAt("/participants/0/servers");
    apply("participants: [{name: zeta}]").invalidAt("/participants/0/delivery");
    applyNew("scope: none").invalidAt("/participants/0/scope");
  }

  @Test
  void a_participant_that_stands_there_twice_is_refused() {
    apply("participants: [{name: zeta, delivery: poll}, {name: zeta, delivery: poll}]")
        .invalidAt("/participants/1/name");
  }

  @Test
  void a_deployment_that_loses_its_server_or_its_exposure_is_refused() {
    String alphaAndBeta = Federation.MANIFEST;

    String withoutServer = alphaAndBeta.replace("{name: fra-01, region: eu-central}, ", "");
    Api.Answer refused = server.operator().putYaml("/v1/registry?prune=true", withoutServer);
    refused.problem(400, "invalid");
    assertThat(refused.pointers())
        .contains(
            "/participants/0/configurations/0/deployments/1",
            "/participants/1/configurations/0/deployments/0",
            "/participants/1/exposures/0/servers");
    String otherServer =
        alphaAndBeta.replace("servers: [fra-01], operations", "servers: [fra-02], operations");
    apply(otherServer).invalidAt("/participants/0/configurations/0/deployments/1");
  }

  @Test
  void what_only_stays_is_named_in_words() {
    Api.Answer refused = apply("participants: [{name: beta, delivery: poll}]");

    refused.invalidAt("");
    assertThat(refused.messageAt("")).contains("alpha/acme-www on beta/fra-01");
  }

  @Test
  void a_document_of_another_shape_is_refused() {
    Api operator = server.operator();
    operator.put("/v1/registry", "[]").problem(400, "invalid");
    operator.put("/v1/registry", "\"participants\"").problem(400, "invalid");
    operator.put("/v1/registry", "{}").invalidAt("/participants");
    operator.put("/v1/registry", "{\"participants\": {}}").invalidAt("/participants");
    operator.put("/v1/registry", "{\"participants\": null}").invalidAt("/participants");
    operator.put("/v1/registry", "{\"participants\": []} {}").problem(400, "invalid");
    operator.put("/v1/registry", "{\"participants\": [").problem(400, "invalid");
    operator.put("/v1/registry", "").problem(400, "invalid");
    operator
        .put("/v1/registry", "{\"participants\": [], \"participants\": []}")
        .problem(400, "invalid");
    operator
        .put("/v1/registry", "{\"participants\": [{\"name\": \"a\", \"name\": \"b\"}]}")
        .problem(400, "invalid");
    operator
        .put(
            "/v1/registry",
            "{\"participants\": [{\"name\": \"zeta\", \"delivery\": \"poll\", \"servers\": [],"
                + " \"servers\": []}]}")
        .problem(400, "invalid");
  }

  private static Api.Answer tryNew(int participants) {
    return server
        .operator()
        .putYaml(
            "/v1/registry?dryRun=true",
            IntStream.range(0, participants)
                .mapToObj(i -> "{name: new-" + i + ", delivery: poll}")
                .collect(Collectors.joining(", ", "participants: [", "]")));
  }

  @Test
  void more_participants_than_can_be_numbered_are_refused_and_trying_takes_no_number() {
    for (int i = 0; i < 3; i++) {
      tryNew(4_000).status(200);
    }
    tryNew(8_191).problem(409, "conflict");
  }
}
