// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Commands that are cancelled, and commands that are retried. */
final class CommandCancelHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Edge lax;
  private Edge fra;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    lax = federation.poller("alpha/lax-01");
    fra = federation.poller("beta/fra-01");
  }

  private static String purge() {
    return CommandJson.purge().id(server.operator());
  }

  private static JsonNode cancel(String id) {
    return server.operator().post("/v1/commands/" + id + "/cancel").status(202).json();
  }

  private static Api.Answer retry(String id) {
    return server.operator().post("/v1/commands/" + id + "/retry");
  }

  private String failed() {
    String id = purge();
    lax.report(lax.leaseOne(), "failed", "\"retry\": false");
    fra.work();
    return id;
  }

  @Test
  void what_is_under_no_lease_ends_cancelled_before_the_answer() {
    String id = purge();

    JsonNode command = cancel(id);

    assertThat(command.path("state").asString()).isEqualTo("cancelled");
    assertThat(command.path("totals").path("cancelled").asInt()).isEqualTo(2);
    assertThat(command.path("completedAt").isNull()).isFalse();
    assertThat(lax.lease(10)).isEmpty();
    assertThat(federation.stands(id, "beta/fra-01")).startsWith("cancelled");
  }

  @ParameterizedTest(name = "{0} ends {1}")
  @CsvSource({
    "succeeded, succeeded",
    "rejected, rejected",
    "failed, cancelled",
    "released, cancelled"
  })
  void a_live_lease_is_not_broken_and_its_result_decides(String outcome, String ends) {
    String id = purge();
    Edge.Lease lease = lax.leaseOne();

    JsonNode command = cancel(id);
    assertThat(command.path("state").asString()).isEqualTo("cancelling");
    assertThat(command.path("totals").path("leased").asInt()).isEqualTo(1);
    assertThat(command.path("totals").path("cancelled").asInt()).isEqualTo(1);

    assertThat(lax.report(lease, outcome)).isEqualTo("accepted");
    assertThat(federation.execution(id, "alpha/lax-01").path("state").asString()).isEqualTo(ends);
    assertThat(lax.lease(10)).isEmpty();
    assertThat(federation.command(id).path("completedAt").isNull()).isFalse();
  }

  @Test
  void a_lapse_ends_it_cancelled_without_anybody_polling() {
    String id = CommandJson.purge().option("leaseSeconds", "1").id(server.operator());
    Edge.Lease lease = lax.leaseOne();
    cancel(id);

    await("the lease lapsed")
        .atMost(Duration.ofSeconds(20))
        .until(() -> federation.state(id).equals("cancelled"));

    assertThat(federation.stands(id, "alpha/lax-01")).startsWith("cancelled");
    assertThat(lax.report(lease, "succeeded")).isEqualTo("stale");
    assertThat(federation.total(id, "succeeded")).isZero();
  }

  @Test
  void what_waits_for_a_retry_ends_cancelled_at_once() {
    String id = purge();
    lax.report(lax.leaseOne(), "failed");

    assertThat(cancel(id).path("totals").path("cancelled").asInt()).isEqualTo(2);
  }

  @Test
  void an_ended_command_stays_as_it_is() {
    String id = failed();
    JsonNode before = federation.command(id);

    JsonNode after = cancel(id);

    for (String field : new String[] {"state", "version", "totals", "completedAt"}) {
      assertThat(after.path(field)).as(field).isEqualTo(before.path(field));
    }
    assertThat(federation.state(id)).isEqualTo("failed");
  }

  @Test
  void a_cancel_can_be_repeated() {
    String id = purge();
    lax.leaseOne();

    JsonNode first = cancel(id);
    JsonNode second = cancel(id);

    assertThat(second.path("state")).isEqualTo(first.path("state"));
    assertThat(second.path("version")).isEqualTo(first.path("version"));
  }

  @Test
  void an_unknown_command_cannot_be_cancelled_or_retried() {
    for (String id : new String[] {UUID.randomUUID().toString(), "x", "%20"}) {
      server.operator().post("/v1/commands/" + id + "/cancel").problem(404, "not-found");
      server.operator().post("/v1/commands/" + id + "/retry").problem(404, "not-found");
    }
  }

  @Test
  void a_body_holds_nothing_that_is_unknown() {
    String id = failed();
    for (String verb : new String[] {"cancel", "retry"}) {
      String path = "/v1/commands/" + id + "/" + verb;
      server.operator().post(path, "{\"reason\": \"x\"}").invalidAt("/reason");
      server.operator().post(path, "[]").problem(400, "invalid");
      server.operator().post(path, "{").problem(400, "invalid");
      server.operator().post(path, "{}").status(202);
    }
  }

  @Test
  void a_retry_is_a_new_command_for_what_failed() {
    String id = failed();

    Api.Answer answer = retry(id).status(202);

    JsonNode again = answer.json();
    assertThat(again.path("id").asString()).isNotEqualTo(id);
    assertThat(answer.headers())
        .containsEntry("Location", "/v1/commands/" + again.path("id").asString());
    assertThat(again.path("retryOf").asString()).isEqualTo(id);
    assertThat(again.path("totals").path("targeted").asInt()).isEqualTo(1);
    for (String field : new String[] {"operation", "parameters", "target", "origin"}) {
      assertThat(again.path(field)).as(field).isEqualTo(federation.command(id).path(field));
    }
    assertThat(lax.leaseOne().command()).isEqualTo(again.path("id").asString());
    assertThat(fra.lease(10)).isEmpty();
    assertThat(federation.state(id)).isEqualTo("failed");
  }

  @Test
  void a_retry_keeps_the_options() {
    String id =
        CommandJson.purge()
            .text("orderingKey", "k")
            .text("lane", "urgent")
            .text("degrade", "widen")
            .option("deadlineSeconds", "777")
            .option("leaseSeconds", "11")
            .option("maxAttempts", "1")
            .id(server.operator());
    lax.report(lax.leaseOne(), "failed");

    JsonNode again = retry(id).status(202).json();

    assertThat(again.path("options")).isEqualTo(federation.command(id).path("options"));
  }

  @Test
  void a_retry_is_for_what_expired_too() {
    String id = CommandJson.purge().option("deadlineSeconds", "1").id(server.operator());
    await("it expired")
        .atMost(Duration.ofSeconds(20))
        .until(() -> federation.total(id, "expired") == 2);

    assertThat(retry(id).status(202).json().path("totals").path("targeted").asInt()).isEqualTo(2);
  }

  @Test
  void without_a_failure_there_is_nothing_to_retry() {
    String id = purge();
    retry(id).problem(409, "conflict");
    cancel(id);
    retry(id).problem(409, "conflict");
  }

  @Test
  void a_retry_may_do_only_what_its_origin_may_do_now() {
    String id = CommandJson.purge().option("maxAttempts", "1").id(server.operator());
    fra.report(fra.leaseOne(), "failed");
    lax.report(lax.leaseOne(), "failed");

    federation.change(
        """
        participants:
          - name: beta
            delivery: poll
            exposures: [{to: alpha, servers: [fra-01], operations: [load], hosts: ["*"]}]
        """);

    String again = retry(id).status(202).json().path("id").asString();
    assertThat(federation.stands(again, "beta/fra-01")).isEqualTo("rejected exposure");
    assertThat(federation.stands(again, "alpha/lax-01")).isEqualTo("pending");
  }

  @Test
  void a_retry_asks_anew_what_a_server_can_do() {
    String id = failed();
    lax.poll("{\"capacity\": 0, \"poller\": {\"instance\": \"i\", \"operations\": [\"load\"]}}");

    await("its abilities are known")
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          String again = retry(id).status(202).json().path("id").asString();
          return federation.stands(again, "alpha/lax-01").equals("rejected unsupported");
        });
  }

  @Test
  void a_retry_leaves_out_servers_that_are_gone() {
    String id = CommandJson.purge().option("maxAttempts", "1").id(server.operator());
    fra.report(fra.leaseOne(), "failed");
    lax.report(lax.leaseOne(), "failed");
    server
        .operator()
        .putYaml(
            "/v1/registry?prune=true",
            Federation.MANIFEST
                .replace("[alpha/lax-01, beta/fra-01]", "[alpha/lax-01]")
                .replace("{name: fra-01, region: eu-central}, ", "")
                .replace("deployments: [beta/fra-01, beta/fra-02]", "deployments: [beta/fra-02]")
                .replace("servers: [fra-01]", "servers: [fra-02]"))
        .status(200);

    JsonNode again = retry(id).status(202).json();

    assertThat(again.path("totals").path("targeted").asInt()).isEqualTo(1);
  }

  /** What it purged then may belong to somebody else now. */
  @Test
  void a_retry_does_not_reach_hosts_that_its_configuration_has_lost() {
    String id = failed();
    Api acme = federation.as("customer", "alpha/acme");
    federation.change(
        """
        participants:
          - name: alpha
            delivery: poll
            configurations:
              - {name: acme-www, customer: acme, hosts: [new.acme.example], deployments: [alpha/lax-01]}
              - {name: other-www, customer: other, hosts: [www.acme.example], deployments: ["alpha/*"]}
        """);

    retry(id).problem(409, "conflict");
    acme.post("/v1/commands/" + id + "/retry").problem(409, "conflict");
    assertThat(lax.lease(10)).isEmpty();
  }

  @Test
  void a_retry_does_not_reach_a_configuration_that_went_to_another_customer() {
    String id = failed();
    Api acme = federation.as("customer", "alpha/acme");
    federation.change(
        """
        participants:
          - name: alpha
            delivery: poll
            configurations:
              - {name: acme-www, customer: other, hosts: [www.acme.example], deployments: [alpha/lax-01]}
        """);

    acme.post("/v1/commands/" + id + "/retry").problem(409, "conflict");
    assertThat(lax.lease(10)).isEmpty();
  }
}
