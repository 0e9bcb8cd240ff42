// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Executions that an operator ends by force. */
final class ForcedEndHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Edge lax;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    lax = federation.poller("alpha/lax-01");
  }

  private static String purge() {
    return CommandJson.purge().id(server.operator());
  }

  private static Api.Answer end(Api api, String id, String fullName, String body) {
    return api.post("/v1/commands/" + id + "/executions/" + fullName + "/end", body);
  }

  private static JsonNode end(String id) {
    return end(server.operator(), id, "alpha/lax-01", "{\"reason\": \"the disk is dead\"}")
        .status(200)
        .json();
  }

  @Test
  void a_pending_one_ends_cancelled_with_the_reason_and_is_counted_once() {
    String id = purge();

    JsonNode ended = end(id);

    assertThat(ended.path("server").asString()).isEqualTo("alpha/lax-01");
    assertThat(ended.path("state").asString()).isEqualTo("cancelled");
    assertThat(ended.path("code").asString()).isEqualTo("forced");
    assertThat(ended.path("message").asString()).isEqualTo("the disk is dead");
    assertThat(ended.path("finishedAt").isNull()).isFalse();
    assertThat(federation.execution(id, "alpha/lax-01")).isEqualTo(ended);
    assertThat(federation.total(id, "cancelled")).isEqualTo(1);
    assertThat(federation.total(id, "pending")).isEqualTo(1);
    assertThat(lax.lease(10)).isEmpty();

    end(server.operator(), id, "alpha/lax-01", "{\"reason\": \"again\"}").problem(409, "conflict");
    assertThat(federation.total(id, "cancelled")).isEqualTo(1);
    assertThat(
            server.metric(
                "rollcall_executions_ended_total{participant=\"alpha\",state=\"cancelled\"}"))
        .isPositive();
  }

  @Test
  void the_command_ends_with_its_last_execution() {
    String id = purge();
    federation.poller("beta/fra-01").work();

    end(id);

    assertThat(federation.state(id)).isEqualTo("failed");
    assertThat(federation.command(id).path("completedAt").isNull()).isFalse();
    end(server.operator(), id, "beta/fra-01", "{\"reason\": \"x\"}").problem(409, "conflict");
  }

  @Test
  void a_leased_one_ends_too_and_what_is_reported_under_its_lease_is_stale_and_recorded_late() {
    String id = purge();
    Edge.Lease lease = lax.leaseOne();

    end(id);

    JsonNode told = lax.poll("{\"capacity\": 1, \"waitSeconds\": 20}");
    assertThat(told.path("cancelled").toString())
        .isEqualTo("[{\"command\":\"" + id + "\",\"lease\":1}]");
    assertThat(
            lax.api()
                .post(
                    "/v1/edge/leases",
                    "{\"leases\": [{\"command\": \""
                        + id
                        + "\", \"lease\": 1, \"extendSeconds\": 9}]}")
                .json()
                .path("leases")
                .path(0)
                .path("outcome")
                .asString())
        .isEqualTo("stale");
    assertThat(lax.report(lease, "succeeded")).isEqualTo("stale");
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("cancelled forced");
    assertThat(federation.total(id, "succeeded")).isZero();
    assertThat(federation.total(id, "cancelled")).isEqualTo(1);
    assertThat(late(id)).containsExactly("1 succeeded true");
  }

  private static List<String> late(String id) {
    return server
        .database()
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select lease_no || ' ' || outcome || ' ' || late::text from report.attempt"
                        + " where command = :id::uuid")
                .bind("id", id)
                .mapTo(String.class)
                .list());
  }

  @Test
  void what_stood_behind_it_in_its_key_is_handed_out_at_once() {
    String first = purge();
    String second = purge();
    assertThat(Edge.commands(lax.lease(1))).containsExactly(first);
    var parked = lax.pollLater("{\"capacity\": 10, \"waitSeconds\": 60}");
    server.awaitParked(1);

    end(first);

    JsonNode answer = Later.within(parked).status(200).json();
    assertThat(answer.path("cancelled").size()).isEqualTo(1);
    List<Edge.Lease> leases = Edge.leases(answer);
    assertThat(Edge.commands(leases.isEmpty() ? lax.lease(10, 20) : leases))
        .containsExactly(second);
  }

  @Test
  void one_whose_time_has_not_come_never_enters_the_queue() {
    String id =
        CommandJson.purge()
            .text("notBefore", Instant.now().plusSeconds(2).toString())
            .id(server.operator());

    end(id);

    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("cancelled forced");
    assertThat(federation.poller("beta/fra-01").lease(1, 20)).hasSize(1);
    assertThat(lax.lease(10)).isEmpty();
    assertThat(federation.total(id, "cancelled")).isEqualTo(1);
    assertThat(federation.total(id, "leased")).isEqualTo(1);
  }

  @Test
  void who_did_it_is_on_record() {
    String id = purge();
    Api operator = federation.as("operator", "");
    end(operator, id, "alpha/lax-01", "{\"reason\": \"why\"}").status(200);

    List<Map<String, Object>> acts =
        server
            .database()
            .jdbi()
            .withHandle(handle ->
                handle
                    .createQuery(
                        "select subject, action, detail ->> 'reason' as reason from report.audit"
                            + " where object = :object")
                    .bind("object", "commands/" + id + "/executions/alpha/lax-01")
                    .mapToMap()
                    .list());

    assertThat(acts).hasSize(1);
    assertThat(String.valueOf(acts.getFirst().get("subject"))).matches("operator:[0-9a-f-]{36}");
    assertThat(acts.getFirst()).containsEntry("action", "execution-end");
    assertThat(acts.getFirst()).containsEntry("reason", "why");
  }

  @Test
  void what_is_not_there_is_not_found() {
    String id = purge();
    String body = "{\"reason\": \"x\"}";

    end(server.operator(), "0198c0de-0000-7000-8000-000000000000", "alpha/lax-01", body)
        .problem(404, "not-found");
    end(server.operator(), "none", "alpha/lax-01", body).problem(404, "not-found");
    end(server.operator(), id, "alpha/lax-99", body).problem(404, "not-found");
    end(server.operator(), id, "alpha/lax-02", body).problem(404, "not-found");
    assertThat(federation.total(id, "cancelled")).isZero();
  }

  @Test
  void only_operators_may() {
    String id = purge();
    for (String scope : List.of("participant alpha", "customer alpha/acme", "reporter ")) {
      String[] parts = scope.split(" ", 2);
      end(federation.as(parts[0], parts[1]), id, "alpha/lax-01", "{\"reason\": \"x\"}")
          .problem(403, "forbidden");
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | /reason",
        "{\"reason\": null} | /reason",
        "{\"reason\": 7} | /reason",
        "{\"reason\": \" \"} | /reason",
        "{\"reason\": \"x\", \"force\": true} | /force"
      })
  void a_reason_is_needed_and_nothing_else(String body, String pointer) {
    end(server.operator(), purge(), "alpha/lax-01", body).invalidAt(pointer);
  }

  @Test
  void a_reason_has_at_most_1000_characters() {
    String id = purge();
    end(server.operator(), id, "alpha/lax-01", "{\"reason\": \"" + "x".repeat(1_001) + "\"}")
        .invalidAt("/reason");
    end(server.operator(), id, "alpha/lax-01", "{\"reason\": \"" + "x".repeat(1_000) + "\"}")
        .status(200);
  }
}
