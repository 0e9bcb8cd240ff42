// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What a command is aimed at, and that it stays what it was at acceptance. */
final class CommandTargetHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  private static Api.Answer submit(String target) {
    return CommandJson.purge().target(target).post(server.operator());
  }

  /** The servers it went to. */
  private static List<String> targeted(String target) {
    return targeted(submit(target).status(202).json());
  }

  private static List<String> targeted(JsonNode command) {
    return server
        .operator()
        .get("/v1/commands/" + command.path("id").asString() + "/executions")
        .status(200)
        .json()
        .path("items")
        .valueStream()
        .map(item -> item.path("server").asString())
        .toList();
  }

  private static List<String> custom(Api api, String target) {
    server.operator().put("/v1/operations/probe", "{\"type\": \"object\"}").status(204);
    return targeted(CommandJson.of("probe").target(target).submit(api));
  }

  @Test
  void a_configuration_means_all_servers_on_which_it_runs() {
    assertThat(targeted("{\"configuration\": \"alpha/acme-www\"}"))
        .containsExactlyInAnyOrder("alpha/lax-01", "beta/fra-01");
  }

  @Test
  void a_star_means_all_servers_of_the_participant_at_the_time_of_each_command() {
    CommandJson purge = CommandJson.purge("alpha/other-www", "https://www.other.example/a");
    JsonNode before = purge.submit(server.operator());
    federation.change(
        "participants: [{name: alpha, delivery: poll, servers: [{name: lax-03}], customers: []}]");
    JsonNode after = purge.submit(server.operator());

    assertThat(targeted(before)).containsExactlyInAnyOrder("alpha/lax-01", "alpha/lax-02");
    assertThat(targeted(after))
        .containsExactlyInAnyOrder("alpha/lax-01", "alpha/lax-02", "alpha/lax-03");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "\"participants\": [\"beta\"] | beta/fra-01",
        "\"participants\": [\"alpha\", \"beta\"] | alpha/lax-01,beta/fra-01",
        "\"participants\": [\"beta\", \"beta\"] | beta/fra-01",
        "\"regions\": [\"us-west\"] | alpha/lax-01",
        "\"regions\": [\"us-west\", \"eu-central\"] | alpha/lax-01,beta/fra-01",
        "\"participants\": [\"beta\"], \"regions\": [\"eu-central\"] | beta/fra-01"
      })
  void a_part_of_a_configuration_can_be_named(String part, String expected) {
    assertThat(targeted("{\"configuration\": \"alpha/acme-www\", " + part + "}"))
        .containsExactlyInAnyOrder(expected.split(",", -1));
  }

  @Test
  void a_known_selection_that_is_empty_is_complete_with_0() {
    for (String target :
        List.of(
            "{\"configuration\": \"alpha/acme-www\", \"participants\": [\"gamma\"]}",
            "{\"configuration\": \"alpha/acme-www\", \"participants\": [\"alpha\"], \"regions\":"
                + " [\"eu-central\"]}",
            "{\"selector\": {\"labels\": {\"tier\": \"none\"}}}",
            "{\"selector\": {\"participants\": [\"gamma\"]}}")) {
      JsonNode command = submit(target).status(202).json();

      assertThat(command.path("state").asString()).as(target).isEqualTo("complete");
      assertThat(command.path("totals").path("targeted").asInt()).isZero();
      assertThat(command.path("completedAt").isNull()).isFalse();
      assertThat(command.path("participants")).isEmpty();
      assertThat(targeted(command)).isEmpty();
    }
  }

  @Test
  void unknown_names_are_errors_that_name_them() {
    submit("{\"configuration\": \"alpha/nothing\"}").invalidAt("/target/configuration");
    submit("{\"configuration\": \"acme-www\"}").invalidAt("/target/configuration");
    submit(
            "{\"configuration\": \"alpha/acme-www\", \"participants\": [\"beta\", \"delta\"],"
                + " \"regions\": [\"mars\", \"us-west\", \"venus\"]}")
        .invalidAt("/target/participants/1", "/target/regions/0", "/target/regions/2");
    submit("{\"servers\": [\"alpha/lax-01\", \"alpha/lax-99\", \"lax-01\", \"alpha/lax-77\"]}")
        .invalidAt("/target/servers/1", "/target/servers/2", "/target/servers/3");
    submit("{\"servers\": [\"alpha/lax-01\", \"alpha/lax-01\", \"alpha/lax-99\"]}")
        .invalidAt("/target/servers/2");
    submit("{\"selector\": {\"participants\": [\"delta\"], \"regions\": [\"mars\"]}}")
        .invalidAt("/target/selector/participants/0", "/target/selector/regions/0");
  }

  @Test
  void exactly_one_form_of_target_is_given_and_nothing_unknown() {
    submit("{}").invalidAt("/target");
    submit("{\"configuration\": \"alpha/acme-www\", \"servers\": [\"alpha/lax-01\"]}")
        .invalidAt("/target");
    submit("{\"servers\": []}").invalidAt("/target/servers");
    submit("{\"servers\": [7]}").invalidAt("/target/servers/0");
    submit("{\"servers\": \"alpha/lax-01\"}").problem(400, "invalid");
    submit("{\"selector\": {}}").invalidAt("/target/selector");
    submit("{\"selector\": []}").invalidAt("/target/selector");
    submit("{\"selector\": {\"tiers\": [\"edge\"], \"regions\": [\"us-west\"]}}")
        .invalidAt("/target/selector/tiers");
    submit("{\"selector\": {\"labels\": {\"tier\": 1}}}").invalidAt("/target/selector/labels/tier");
    submit("{\"servers\": [\"alpha/lax-01\"], \"regions\": [\"us-west\"]}")
        .invalidAt("/target/regions");
    submit("{\"configuration\": 7}").invalidAt("/target/configuration");
    submit("{\"configuration\": \"alpha/acme-www\", \"participants\": \"beta\"}")
        .invalidAt("/target/participants");
  }

  @Test
  void servers_can_be_named() {
    assertThat(targeted("{\"servers\": [\"beta/fra-01\", \"alpha/lax-01\", \"beta/fra-01\"]}"))
        .containsExactlyInAnyOrder("alpha/lax-01", "beta/fra-01");
    submit("{\"servers\": [\"alpha/lax-01\", \"alpha/lax-02\"]}")
        .invalidAt("/target/servers/1"); // acme-www is not deployed there
  }

  @Test
  void servers_can_be_selected_by_what_they_are() {
    assertThat(targeted("{\"selector\": {\"labels\": {\"tier\": \"edge\"}}}"))
        .containsExactly("alpha/lax-01");
    assertThat(targeted("{\"selector\": {\"regions\": [\"eu-central\"]}}"))
        .containsExactly("beta/fra-01");
    assertThat(targeted("{\"selector\": {\"participants\": [\"alpha\", \"beta\"]}}"))
        .containsExactlyInAnyOrder("alpha/lax-01", "beta/fra-01");
  }

  @Test
  void an_operation_without_selectors_goes_to_any_server_of_the_callers() {
    assertThat(custom(server.operator(), "{\"selector\": {\"regions\": [\"us-west\"]}}"))
        .containsExactlyInAnyOrder("alpha/lax-01", "alpha/lax-02");
    assertThat(custom(server.operator(), "{\"servers\": [\"gamma/*\", \"beta/fra-02\"]}"))
        .containsExactlyInAnyOrder("gamma/*", "beta/fra-02");
    assertThat(custom(server.operator(), "{\"configuration\": \"beta/bravo\"}"))
        .containsExactlyInAnyOrder("beta/fra-01", "beta/fra-02");
    Api alpha = federation.as("participant", "alpha");
    assertThat(custom(alpha, "{\"selector\": {\"labels\": {\"tier\": \"mid\"}}}"))
        .containsExactly("alpha/lax-02");
  }

  @Test
  void the_target_is_frozen_at_acceptance() {
    String id = federation.purge("alpha/acme-www", "https://www.acme.example/a");

    federation.change(
        """
        participants:
          - name: alpha
            delivery: poll
            configurations:
              - {name: acme-www, hosts: [www.acme.example], deployments: [alpha/lax-02]}
        """);

    assertThat(federation.poller("alpha/lax-02").lease(10)).isEmpty();
    Edge.Lease lease = federation.poller("alpha/lax-01").leaseOne();
    assertThat(lease.command()).isEqualTo(id);
    JsonNode hosts = lease.json().path("configuration").path("hosts");
    assertThat(hosts.toString()).isEqualTo("[\"www.acme.example\",\"*.img.acme.example\"]");
    assertThat(federation.total(id, "targeted")).isEqualTo(2);
  }

  @Test
  void the_edge_is_told_everything_it_needs() {
    federation.purge("alpha/acme-www", "HTTPS://WWW.acme.example:443/a/../b?x=%7e");

    JsonNode told = federation.poller("beta/fra-01").leaseOne().json();
    assertThat(told.path("operation").asString()).isEqualTo("purge");
    assertThat(told.path("attempt").asInt()).isEqualTo(1);
    assertThat(told.path("lease").asInt()).isEqualTo(1);
    assertThat(told.path("parameters").toString())
        .isEqualTo("{\"urls\":[\"https://www.acme.example/b?x=~\"]}");
    assertThat(told.path("configuration").path("name").asString()).isEqualTo("alpha/acme-www");
    assertThat(told.path("orderingKey").asString()).isEqualTo("alpha/acme-www");
    assertThat(told.path("leaseSeconds").asInt()).isBetween(55, 60);
    assertThat(told.path("deadlineSeconds").asInt()).isBetween(86_300, 86_400);
  }

  @Test
  void a_command_for_a_participant_that_does_not_pull_goes_to_its_gateway() {
    federation.change(
        """
        participants:
          - name: alpha
            delivery: poll
            configurations:
              - {name: acme-www, hosts: [www.acme.example], deployments: [alpha/lax-01, "gamma/*"]}
        """);

    JsonNode command = CommandJson.purge().submit(server.operator());

    JsonNode gamma = command.path("participants").get(1);
    assertThat(gamma.path("participant").asString()).isEqualTo("gamma");
    assertThat(gamma.path("delivery").asString()).isEqualTo("gateway");
    assertThat(gamma.path("totals").path("targeted").asInt()).isEqualTo(1);
    String token =
        server
            .operator()
            .post("/v1/participants/gamma/gateway/token")
            .status(201)
            .json()
            .path("token")
            .asString();
    assertThat(new Edge(server.as(token)).work()).isEqualTo(1);
  }
}
