// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A poll: its shape, its capacity, how long it waits and what ends the wait. */
final class EdgePollHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Edge edge;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    edge = federation.poller("alpha/lax-01");
  }

  private static CommandJson unordered() {
    return CommandJson.purge().text("orderingKey", "");
  }

  @Test
  void an_answer_without_work_has_every_list_and_says_nothing_else() {
    assertThat(edge.poll("{\"capacity\": 1}").toString())
        .isEqualTo("{\"results\":[],\"executions\":[],\"cancelled\":[],\"pollAfterSeconds\":0}");
  }

  @Test
  void capacity_bounds_what_one_answer_holds() {
    for (int i = 0; i < 5; i++) {
      unordered().id(server.operator());
    }

    assertThat(edge.lease(0)).isEmpty();
    assertThat(edge.lease(2)).hasSize(2);
    assertThat(edge.lease(1000)).hasSize(3);
    assertThat(edge.lease(1000)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | /capacity",
        "{\"capacity\": null} | /capacity",
        "{\"capacity\": -1} | /capacity",
        "{\"capacity\": 1001} | /capacity",
        "{\"capacity\": 1.5} | /capacity",
        "{\"capacity\": \"1\"} | /capacity",
        "{\"capacity\": 99999999999999999999999} | /capacity",
        "{\"capacity\": 1, \"waitSeconds\": -1} | /waitSeconds",
        "{\"capacity\": 1, \"waitSeconds\": 61} | /waitSeconds",
        "{\"capacity\": 1, \"waitSeconds\": true} | /waitSeconds",
        "{\"capacity\": 1, \"results\": {}} | /results",
        "{\"capacity\": 1, \"results\": [7]} | /results/0",
        "{\"capacity\": 1, \"results\": [null]} | /results/0",
        "{\"capacity\": 1, \"poller\": []} | /poller",
        "{\"capacity\": 1, \"poller\": {\"instance\": 7}} | /poller/instance",
        "{\"capacity\": 1, \"poller\": {\"instance\": \"i\", \"operations\": \"purge\"}} |"
            + " /poller/operations",
        "{\"capacity\": 1, \"resynced\": 7} | /resynced"
      })
  void a_shape_that_is_wrong_is_told_by_its_place(String body, String pointer) {
    edge.api().post("/v1/edge/poll", body).invalidAt(pointer);
  }

  @Test
  void the_shape_is_checked_as_a_whole_and_nothing_of_it_is_settled() {
    String id = unordered().id(server.operator());
    Edge.Lease lease = edge.leaseOne();

    edge.api()
        .post(
            "/v1/edge/poll",
            """
            {"capacity": 2000, "waitSeconds": 99, "results": [%s,
              {"command": "%s", "lease": "1", "outcome": "succeeded"},
              {"lease": -1, "outcome": 7, "objects": -1, "retry": "no", "message": [], "code": {}},
              {"command": "x", "lease": 1.5, "outcome": "succeeded", "durationMillis": "3"}]}
            """
                .formatted(lease.result("succeeded"), id))
        .invalidAt(
            "/capacity",
            "/waitSeconds",
            "/results/1/lease",
            "/results/2/command",
            "/results/2/lease",
            "/results/2/outcome",
            "/results/2/objects",
            "/results/2/retry",
            "/results/2/message",
            "/results/2/code",
            "/results/3/lease",
            "/results/3/durationMillis");

    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("leased");
  }

  @ParameterizedTest(name = "[{index}] {0}")
  @ValueSource(strings = {"", "[]", "7", "null", "\"x\"", "{", "{\"capacity\": 1} x", "\u0000"})
  void what_is_no_object_is_refused(String body) {
    for (String path : List.of("/v1/edge/poll", "/v1/edge/results", "/v1/edge/leases")) {
      edge.api().post(path, body).problem(400, "invalid");
    }
  }

  @Test
  void unknown_fields_are_ignored() {
    String id = unordered().id(server.operator());

    JsonNode answer =
        edge.poll(
            """
            {"capacity": 1, "future": {"a": [1]}, "poller": {"instance": "i", "colour": "red"},
             "results": [{"command": "x", "lease": 1, "outcome": "succeeded", "mood": "good"}]}
            """);

    assertThat(Edge.commands(Edge.leases(answer))).containsExactly(id);
  }

  @Test
  void a_poll_that_does_not_wait_answers_at_once() {
    long start = System.nanoTime();
    assertThat(edge.lease(1)).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  @Test
  void a_poll_without_work_answers_when_its_wait_is_over_with_no_executions() {
    long start = System.nanoTime();
    JsonNode answer = edge.poll("{\"capacity\": 1, \"waitSeconds\": 1}");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(900), Duration.ofSeconds(20));
    assertThat(answer.path("executions")).isEmpty();
  }

  @Test
  void a_submit_wakes_the_parked_polls_of_its_servers_and_no_others() {
    var here = edge.pollLater("{\"capacity\": 5, \"waitSeconds\": 60}");
    var there =
        federation.poller("beta/fra-02").pollLater("{\"capacity\": 5, \"waitSeconds\": 60}");
    server.awaitParked(2);

    String id = CommandJson.purge().id(server.operator());

    assertThat(Edge.commands(Edge.leases(Later.within(here).json()))).containsExactly(id);
    server.awaitParked(1);
    assertThat(there).isNotDone();
    CommandJson.purge("beta/bravo", "https://www.bravo.example/").id(server.operator());
    assertThat(Edge.leases(Later.within(there).json())).hasSize(1);
  }

  @Test
  void a_release_wakes_another_poll_of_the_same_server() {
    unordered().id(server.operator());
    Edge.Lease lease = edge.leaseOne();
    var parked =
        edge.pollLater(
            "{\"capacity\": 5, \"waitSeconds\": 60, \"poller\": {\"instance\": \"other\"}}");
    server.awaitParked(1);

    assertThat(edge.report(lease, "released")).isEqualTo("accepted");

    Edge.Lease again = Edge.leases(Later.within(parked).json()).getFirst();
    assertThat(again.number()).isEqualTo(lease.number() + 1);
    assertThat(again.attempt()).isEqualTo(1);
  }

  @Test
  void a_settlement_that_frees_a_key_wakes_a_parked_poll() {
    CommandJson.purge().id(server.operator());
    String second = CommandJson.purge().id(server.operator());
    Edge.Lease lease = edge.lease(1).getFirst();
    var parked = edge.pollLater("{\"capacity\": 5, \"waitSeconds\": 60}");
    server.awaitParked(1);

    edge.report(lease, "succeeded");

    assertThat(Edge.commands(Edge.leases(Later.within(parked).json()))).containsExactly(second);
  }

  @Test
  void a_cancel_that_frees_a_key_wakes_a_parked_poll() {
    String first =
        CommandJson.purge()
            .option("leaseSeconds", "1")
            .option("maxAttempts", "9")
            .id(server.operator());
    String second = CommandJson.purge().id(server.operator());
    edge.report(edge.lease(1).getFirst(), "failed"); // the key waits for its retry
    server.operator().post("/v1/commands/" + first + "/cancel").status(202);

    var parked = edge.pollLater("{\"capacity\": 5, \"waitSeconds\": 60}");

    assertThat(Edge.commands(Edge.leases(Later.within(parked).json()))).containsExactly(second);
  }

  @Test
  void a_lapse_wakes_a_parked_poll() {
    String id = unordered().option("leaseSeconds", "1").id(server.operator());
    edge.leaseOne();

    var parked = edge.pollLater("{\"capacity\": 5, \"waitSeconds\": 60}");

    Edge.Lease again = Edge.leases(Later.within(parked).json()).getFirst();
    assertThat(again.command()).isEqualTo(id);
    assertThat(again.attempt()).isEqualTo(2);
  }

  @Test
  void a_new_poll_of_the_same_instance_answers_the_parked_one_at_once_empty() {
    String poll = "{\"capacity\": 5, \"waitSeconds\": 60, \"poller\": {\"instance\": \"one\"}}";
    var first = edge.pollLater(poll);
    server.awaitParked(1);

    var second = edge.pollLater(poll);

    assertThat(Edge.leases(Later.within(first).status(200).json())).isEmpty();
    server.awaitParked(1);
    String id = unordered().id(server.operator());
    assertThat(Edge.commands(Edge.leases(Later.within(second).json()))).containsExactly(id);
  }

  @Test
  void polls_of_other_instances_wait_on() {
    var first =
        edge.pollLater(
            "{\"capacity\": 1, \"waitSeconds\": 60, \"poller\": {\"instance\": \"one\"}}");
    var nameless = edge.pollLater("{\"capacity\": 1, \"waitSeconds\": 60}");
    server.awaitParked(2);

    edge.poll("{\"capacity\": 1, \"poller\": {\"instance\": \"two\"}}");
    edge.poll("{\"capacity\": 1}");

    server.awaitParked(2);
    unordered().id(server.operator());
    unordered().id(server.operator());
    assertThat(Edge.leases(Later.within(first).json())).hasSize(1);
    assertThat(Edge.leases(Later.within(nameless).json())).hasSize(1);
  }

  /** Whatever the half-open poll was leased comes to the one that is read. */
  @Test
  void polls_that_supersede_each_other_swallow_no_work() {
    String poll = "{\"capacity\": 100, \"waitSeconds\": 20, \"poller\": {\"instance\": \"one\"}}";
    for (int round = 0; round < 10; round++) {
      var half = edge.pollLater(poll);
      var submit = Later.run(() -> unordered().id(server.operator()));
      var read = edge.pollLater(poll);
      String id = Later.within(submit);

      List<Edge.Lease> got = Edge.leases(Later.within(read).json());
      Later.within(half);
      if (got.isEmpty()) {
        // the one that was to be the newer came first
        got = Edge.leases(Later.within(half).json());
      }
      assertThat(Edge.commands(got)).containsExactly(id);
      assertThat(edge.report(got.getFirst(), "succeeded")).isEqualTo("accepted");
    }
  }

  @Test
  void capacity_0_waits_without_being_handed_anything() {
    unordered().id(server.operator());

    JsonNode answer = edge.poll("{\"capacity\": 0, \"waitSeconds\": 1}");

    assertThat(answer.path("executions")).isEmpty();
    assertThat(edge.lease(1)).hasSize(1);
  }

  @Test
  void an_answer_holds_at_most_1_mib_of_executions_but_at_least_one() {
    server.operator().put("/v1/operations/blob", "{\"type\": \"object\"}").status(204);
    String euros = "€".repeat(300_000); // 900,000 bytes
    List<String> ids =
        IntStream.range(0, 3)
            .mapToObj(i ->
                CommandJson.of("blob")
                    .target("{\"servers\": [\"alpha/lax-01\"]}")
                    .parameters("{\"x\": \"" + euros + "\"}")
                    .id(server.operator()))
            .toList();

    for (String id : ids) {
      Api.Answer answer = edge.api().post("/v1/edge/poll", "{\"capacity\": 10}").status(200);
      List<Edge.Lease> leases = Edge.leases(answer.json());
      assertThat(Edge.commands(leases)).containsExactly(id);
      assertThat(leases.getFirst().json().path("parameters").path("x").asString()).isEqualTo(euros);
    }
  }

  @Test
  void a_server_sees_its_own_executions_and_nothing_else() {
    String id = CommandJson.purge("beta/bravo", "https://www.bravo.example/").id(server.operator());

    assertThat(edge.lease(10)).isEmpty();
    assertThat(federation.poller("beta/fra-01").leaseOne().command()).isEqualTo(id);
    assertThat(edge.report(Edge.item(id, 1, "succeeded"))).containsExactly("unknown");
    assertThat(
            edge.api()
                .post(
                    "/v1/edge/leases",
                    "{\"leases\": [{\"command\": \""
                        + id
                        + "\", \"lease\": 1, \"extendSeconds\": 9}]}")
                .json()
                .path("leases")
                .get(0)
                .path("outcome")
                .asString())
        .isEqualTo("stale");
    assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("leased");
  }
}
