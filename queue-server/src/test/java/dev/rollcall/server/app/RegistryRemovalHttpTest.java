// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What a change of the registry ends, and how much it may hold. */
final class RegistryRemovalHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final String WITHOUT_LAX_02 =
      Federation.MANIFEST.replace(
          "      - {name: lax-02, region: us-west, labels: {tier: mid}}\n", "");
  private static final String EXPOSURE =
      "{to: alpha, servers: [fra-01], operations: [purge, load], hosts: [\"*\"], detail: servers}";

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  private static void prune(String manifest) {
    server.operator().putYaml("/v1/registry?prune=true", manifest).status(200);
  }

  /** Beta exposes this instead, or nothing. */
  private static void expose(String exposure) {
    prune(
        Federation.MANIFEST
            .replace(EXPOSURE, exposure)
            .replace("[alpha/lax-01, beta/fra-01]", "[alpha/lax-01]"));
  }

  @Test
  void removing_a_server_ends_its_executions_cancelled() {
    String id =
        CommandJson.purge("alpha/other-www", "https://www.other.example/a").id(server.operator());

    prune(WITHOUT_LAX_02);

    assertThat(federation.stands(id, "alpha/lax-02")).isEqualTo("cancelled server-removed");
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
    federation.poller("alpha/lax-01").work();
    JsonNode command = federation.command(id);
    assertThat(command.path("state").asString()).isEqualTo("failed");
    assertThat(command.path("totals").path("cancelled").asInt()).isEqualTo(1);
    assertThat(command.path("totals").path("succeeded").asInt()).isEqualTo(1);
    assertThat(command.path("completedAt").isNull()).isFalse();
  }

  @Test
  void removing_a_server_ends_also_what_it_has_leased_and_its_token() {
    String id =
        CommandJson.purge("alpha/other-www", "https://www.other.example/a").id(server.operator());
    Edge edge = federation.poller("alpha/lax-02");
    Edge.Lease lease = edge.leaseOne();

    prune(WITHOUT_LAX_02);

    assertThat(federation.stands(id, "alpha/lax-02")).isEqualTo("cancelled server-removed");
    edge.api()
        .post("/v1/edge/results", "{\"results\": [" + lease.result("succeeded") + "]}")
        .problem(401, "unauthenticated");
    assertThat(federation.stands(id, "alpha/lax-02")).isEqualTo("cancelled server-removed");
  }

  @Test
  void a_removed_servers_parked_poll_ends_with_401() {
    Edge edge = federation.poller("alpha/lax-02");
    var parked = edge.pollLater("{\"capacity\": 1, \"waitSeconds\": 60}");
    server.awaitParked(1);

    prune(WITHOUT_LAX_02);

    assertThat(Later.within(parked)).returns(401, Api.Answer::status);
  }

  @Test
  void a_server_that_is_undeployed_first_does_what_it_has_and_its_removal_cancels_nothing() {
    String other = "/v1/participants/alpha/configurations/other-www/deployments";
    String before = federation.purge("alpha/other-www", "https://www.other.example/a");
    server.operator().put(other, "[\"alpha/lax-01\"]").status(200);
    String after = federation.purge("alpha/other-www", "https://www.other.example/a");
    Edge edge = federation.poller("alpha/lax-02");
    assertThat(pendingAt("alpha/lax-02")).isEqualTo(1);

    assertThat(edge.work()).isEqualTo(1);
    await("nothing is left").until(() -> pendingAt("alpha/lax-02") == 0);
    var parked = edge.pollLater("{\"capacity\": 1, \"waitSeconds\": 60}");
    server.awaitParked(1);
    server.operator().delete("/v1/participants/alpha/servers/lax-02").status(200);

    assertThat(Later.within(parked)).returns(401, Api.Answer::status);
    assertThat(federation.total(after, "targeted")).isEqualTo(1);
    assertThat(federation.stands(before, "alpha/lax-02")).isEqualTo("succeeded");
  }

  private static int pendingAt(String fullName) {
    return server
        .operator()
        .get("/v1/servers")
        .status(200)
        .json()
        .path("items")
        .valueStream()
        .filter(item -> item.path("name").asString().equals(fullName))
        .findFirst()
        .orElseThrow()
        .path("pending")
        .asInt();
  }

  @Test
  void what_was_to_enter_the_queue_later_ends_too_for_a_server_that_left_meanwhile() {
    String id =
        CommandJson.purge("alpha/other-www", "https://www.other.example/a")
            .text("notBefore", Instant.now().plusSeconds(2).toString())
            .id(server.operator());

    prune(WITHOUT_LAX_02);

    await("it entered the queue")
        .until(() -> federation.stands(id, "alpha/lax-02").equals("cancelled server-removed"));
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
  }

  @Test
  void withdrawing_an_exposure_ends_what_stood_under_it_rejected() {
    String foreign = federation.purge("alpha/acme-www", "https://www.acme.example/a");
    String own = federation.purge("beta/bravo", "https://www.bravo.example/a");

    prune(
        Federation.MANIFEST
            .replace("exposures:", "x: 0\n")
            .replaceAll("(?m)^    x: 0\n.*\n.*$", "")
            .replace("[alpha/lax-01, beta/fra-01]", "[alpha/lax-01]"));

    assertThat(federation.stands(foreign, "beta/fra-01")).isEqualTo("rejected exposure");
    assertThat(federation.stands(foreign, "alpha/lax-01")).isEqualTo("pending");
    assertThat(federation.stands(own, "beta/fra-01")).isEqualTo("pending");
    assertThat(federation.total(foreign, "rejected")).isEqualTo(1);
  }

  @Test
  void a_lease_under_a_withdrawn_exposure_is_over() {
    String id = federation.purge("alpha/acme-www", "https://www.acme.example/a");
    Edge edge = federation.poller("beta/fra-01");
    Edge.Lease lease = edge.leaseOne();

    expose("{to: alpha, servers: [fra-02], operations: [purge, load], hosts: [\"*\"]}");

    assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("rejected exposure");
    assertThat(edge.report(lease, "succeeded")).isEqualTo("stale");
    assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("rejected exposure");
    assertThat(federation.total(id, "succeeded")).isZero();
  }

  @Test
  void narrowing_an_exposure_ends_only_what_no_longer_falls_under_it() {
    String purge = federation.purge("alpha/acme-www", "https://www.acme.example/a");
    String image = federation.purge("alpha/acme-www", "https://x.img.acme.example/a");
    String everywhere =
        CommandJson.purge().parameters("{\"everything\": true}").id(server.operator());

    expose("{to: alpha, servers: [\"*\"], operations: [purge], hosts: [\"*.img.acme.example\"]}");

    assertThat(federation.stands(purge, "beta/fra-01")).isEqualTo("rejected exposure");
    assertThat(federation.stands(image, "beta/fra-01")).isEqualTo("pending");
    assertThat(federation.stands(everywhere, "beta/fra-01")).isEqualTo("rejected exposure");
  }

  @Test
  void changing_what_an_exposure_shows_or_its_rate_ends_nothing() {
    String id = federation.purge("alpha/acme-www", "https://www.acme.example/a");

    expose(
        "{to: alpha, servers: [fra-01], operations: [purge], hosts: [\"*\"], commandsPerMinute:"
            + " 1}");

    assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("pending");
  }

  @Test
  void an_exposure_withdrawn_before_notBefore_ends_it_then() {
    String id =
        CommandJson.purge()
            .text("notBefore", Instant.now().plusSeconds(2).toString())
            .id(server.operator());

    expose("{to: alpha, servers: [fra-02], operations: [purge], hosts: [\"*\"]}");

    await("it entered the queue")
        .until(() -> federation.stands(id, "beta/fra-01").equals("rejected exposure"));
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
  }

  @Test
  void undeploying_takes_nothing_back() {
    String id = federation.purge("alpha/acme-www", "https://www.acme.example/a");

    prune(Federation.MANIFEST.replace("[alpha/lax-01, beta/fra-01]", "[]"));

    assertThat(federation.poller("alpha/lax-01").leaseOne().command()).isEqualTo(id);
    assertThat(federation.poller("beta/fra-01").leaseOne().command()).isEqualTo(id);
  }

  @Test
  void removing_a_participant_ends_all_it_had_and_its_commands_are_still_shown() {
    String id = federation.purge("alpha/acme-www", "https://www.acme.example/a");
    Api alpha = federation.as("participant", "alpha");
    Api acme = federation.as("customer", "alpha/acme");

    prune(
        """
        participants:
          - {name: beta, delivery: poll, servers: [{name: fra-01}]}
        """);

    assertThat(federation.command(id).path("origin").asString()).isEqualTo("alpha");
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("cancelled server-removed");
    assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("rejected exposure");
    assertThat(federation.state(id)).isEqualTo("failed");
    await("tokens died").until(() -> alpha.get("/v1/commands").status() == 401);
    await("tokens died").until(() -> acme.get("/v1/commands").status() == 401);
  }

  @Test
  void two_thousand_servers_fit_in_one_manifest_and_one_command_reaches_them_all() {
    String servers =
        IntStream.range(0, 2_000)
            .mapToObj(i ->
                "{\"name\": \"edge-%04d\", \"region\": \"r-%d\", \"labels\": {\"note\": \"%s\"}}"
                    .formatted(i, i % 7, "x".repeat(60)))
            .collect(Collectors.joining(","));
    String deployments =
        IntStream.range(0, 2_000)
            .mapToObj(i -> "\"huge/edge-%04d\"".formatted(i))
            .collect(Collectors.joining(","));
    String padding = " ".repeat(1 << 20); // beyond the limit of other requests
    String manifest =
        """
        {"participants": [{"name": "huge", "delivery": "poll", "servers": [%s],
          "configurations": [{"name": "www", "hosts": ["www.huge.example"], "deployments": [%s]}]}]}%s
        """
            .formatted(servers, deployments, padding);

    JsonNode done = server.operator().put("/v1/registry", manifest).status(200).json();
    assertThat(done.path("created")).hasSize(2_002);
    JsonNode command =
        CommandJson.purge("huge/www", "https://www.huge.example/a").submit(server.operator());
    assertThat(command.path("totals").path("pending").asInt()).isEqualTo(2_000);
    assertThat(federation.poller("huge/edge-1999").work()).isEqualTo(1);
    assertThat(federation.total(command.path("id").asString(), "succeeded")).isEqualTo(1);
    JsonNode again = server.operator().put("/v1/registry", manifest).status(200).json();
    assertThat(again.path("changed")).isEmpty();
  }

  @Test
  void a_manifest_beyond_256_mib_is_refused_before_it_is_read() {
    RawHttp.send(
            server.operator().base(),
            """
            PUT /v1/registry HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer %s\r
            Content-Type: application/json\r
            Content-Length: 268435457\r
            \r
            {\
            """
                .formatted(ServerExtension.OPERATOR))
        .problem(413, "too-large");
  }
}
