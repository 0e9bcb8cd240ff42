// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Leases that are made longer, and the news that one was cancelled. */
final class EdgeRenewalHttpTest {
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

  private static String renewal(String command, String lease, int seconds) {
    return "{\"command\": \"%s\", \"lease\": %s, \"extendSeconds\": %d}"
        .formatted(command, lease, seconds);
  }

  private JsonNode renew(String... items) {
    return edge.api()
        .post("/v1/edge/leases", "{\"leases\": [" + String.join(",", items) + "]}")
        .status(200)
        .json()
        .path("leases");
  }

  private static List<String> outcomes(JsonNode leases) {
    return leases.valueStream().map(item -> item.path("outcome").asString()).toList();
  }

  private static void cancel(String id) {
    server.operator().post("/v1/commands/" + id + "/cancel").status(202);
  }

  private static List<String> cancelled(JsonNode answer) {
    return answer
        .path("cancelled")
        .valueStream()
        .map(item -> item.path("command").asString() + " " + item.path("lease").asInt())
        .toList();
  }

  @Test
  void a_lease_is_made_longer_from_now_on() {
    String id = unordered().option("leaseSeconds", "2").id(server.operator());
    Edge.Lease lease = edge.leaseOne();

    JsonNode renewed = renew(renewal(id, "1", 600)).get(0);

    assertThat(renewed.path("outcome").asString()).isEqualTo("extended");
    assertThat(renewed.path("leaseSeconds").asInt()).isBetween(590, 600);
    assertThat(renewed.path("command").asString()).isEqualTo(id);
    assertThat(renewed.path("lease").asInt()).isEqualTo(1);
    assertThat(edge.lease(1, 3)).as("it would have lapsed").isEmpty();
    assertThat(edge.report(lease, "succeeded")).isEqualTo("accepted");
  }

  @Test
  void a_lease_is_never_made_shorter() {
    String id = unordered().option("leaseSeconds", "600").id(server.operator());
    edge.leaseOne();

    JsonNode renewed = renew(renewal(id, "1", 30)).get(0);

    assertThat(renewed.path("outcome").asString()).isEqualTo("extended");
    assertThat(renewed.path("leaseSeconds").asInt()).isBetween(590, 600);
  }

  @Test
  void never_past_the_deadline() {
    String id = unordered().option("deadlineSeconds", "30").id(server.operator());
    edge.leaseOne();

    assertThat(renew(renewal(id, "1", 3_600)).get(0).path("leaseSeconds").asInt()).isBetween(1, 30);
  }

  @Test
  void each_item_is_answered_in_its_order_and_none_fails_the_others() {
    String held = unordered().id(server.operator());
    String cancelled = unordered().id(server.operator());
    String done = unordered().id(server.operator());
    edge.lease(10);
    cancel(cancelled);
    edge.report(Edge.item(done, 1, "succeeded"));

    JsonNode leases =
        renew(
            renewal(held, "7", 60),
            renewal(done, "1", 60),
            renewal(cancelled, "1", 60),
            renewal(UUID.randomUUID().toString(), "1", 60),
            renewal("no-id", "1", 60),
            renewal(held, "1", 60),
            renewal(held, "1", 60),
            renewal(held, "0", 60),
            renewal(held, "4294967297", 60),
            renewal(held, "99999999999999999999999", 60));

    assertThat(outcomes(leases))
        .containsExactly(
            "stale",
            "stale",
            "cancelled",
            "stale",
            "stale",
            "extended",
            "extended",
            "stale",
            "stale",
            "stale");
    assertThat(leases.get(0).has("leaseSeconds")).isFalse();
    assertThat(leases.get(2).has("leaseSeconds")).isFalse();
  }

  @Test
  void a_lease_that_lapsed_cannot_be_renewed() {
    String id = unordered().option("leaseSeconds", "1").id(server.operator());
    edge.leaseOne();
    await("it lapsed").until(() -> federation.stands(id, "alpha/lax-01").equals("pending"));

    assertThat(outcomes(renew(renewal(id, "1", 60)))).containsExactly("stale");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | /leases",
        "{\"leases\": 7} | /leases",
        "{\"leases\": [7]} | /leases/0",
        "{\"leases\": [{\"lease\": 1, \"extendSeconds\": 1}]} | /leases/0/command",
        "{\"leases\": [{\"command\": \"x\", \"extendSeconds\": 1}]} | /leases/0/lease",
        "{\"leases\": [{\"command\": \"x\", \"lease\": 1}]} | /leases/0/extendSeconds",
        "{\"leases\": [{\"command\": \"x\", \"lease\": 1, \"extendSeconds\": 0}]} |"
            + " /leases/0/extendSeconds",
        "{\"leases\": [{\"command\": \"x\", \"lease\": 1, \"extendSeconds\": 3601}]} |"
            + " /leases/0/extendSeconds",
        "{\"leases\": [{\"command\": \"x\", \"lease\": -1, \"extendSeconds\": 1}]} |"
            + " /leases/0/lease"
      })
  void a_shape_that_is_wrong_is_told_by_its_place(String body, String pointer) {
    edge.api().post("/v1/edge/leases", body).invalidAt(pointer);
  }

  @Test
  void at_most_1000_leases_stand_in_one_request() {
    String item = renewal(UUID.randomUUID().toString(), "1", 60);
    assertThat(renew((item + ",").repeat(999) + item)).hasSize(1_000);
    edge.api()
        .post("/v1/edge/leases", "{\"leases\": [" + (item + ",").repeat(1_000) + item + "]}")
        .invalidAt("/leases");
    assertThat(renew()).isEmpty();
  }

  @Test
  void a_cancel_is_told_to_a_parked_poll_at_once_and_only_once() {
    String id = unordered().id(server.operator());
    edge.leaseOne();
    String poll = "{\"capacity\": 5, \"waitSeconds\": %d, \"poller\": {\"instance\": \"one\"}}";
    var parked = edge.pollLater(poll.formatted(60));
    server.awaitParked(1);

    cancel(id);

    JsonNode answer = Later.within(parked).status(200).json();
    assertThat(cancelled(answer)).containsExactly(id + " 1");
    assertThat(answer.path("executions")).isEmpty();
    assertThat(cancelled(edge.poll(poll.formatted(1)))).isEmpty();
  }

  @Test
  void a_cancel_is_told_to_the_next_poll_when_none_is_parked() {
    String id = unordered().id(server.operator());
    edge.leaseOne();
    cancel(id);

    JsonNode answer = edge.poll("{\"capacity\": 0, \"waitSeconds\": 60}");

    assertThat(cancelled(answer)).containsExactly(id + " 1");
  }

  @Test
  void a_restarted_poller_is_told_of_what_it_holds_and_not_of_what_is_over() {
    String held = unordered().id(server.operator());
    String over = unordered().id(server.operator());
    edge.lease(10);
    cancel(held);
    cancel(over);
    String poll = "{\"capacity\": 0, \"poller\": {\"instance\": \"%s\"}}";
    assertThat(cancelled(edge.poll(poll.formatted("old")))).hasSize(2);
    edge.report(Edge.item(over, 1, "released"));

    assertThat(cancelled(edge.poll(poll.formatted("new")))).containsExactly(held + " 1");
    edge.report(Edge.item(held, 1, "succeeded"));
    assertThat(cancelled(edge.poll(poll.formatted("newer")))).isEmpty();
  }

  @Test
  void news_that_went_to_a_superseded_poll_is_told_to_the_one_that_took_its_place() {
    for (int round = 0; round < 8; round++) {
      String id = unordered().id(server.operator());
      edge.leaseOne();
      String poll = "{\"capacity\": 0, \"waitSeconds\": 3, \"poller\": {\"instance\": \"one\"}}";
      var half = edge.pollLater(poll);
      server.awaitParked(1);

      var asked =
          Later.run(() -> {
            cancel(id);
            return id;
          });
      List<String> read = cancelled(edge.poll(poll));

      Later.within(asked);
      List<String> lost = cancelled(Later.within(half).json());
      assertThat(lost.isEmpty() ? read : lost).containsExactly(id + " 1");
      if (!lost.isEmpty()) {
        assertThat(read).isEmpty(); // it was answered before it was superseded
      }
      edge.report(Edge.item(id, 1, "released"));
    }
  }
}
