// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Servers that missed commands are told so until they have made up for it. */
final class ResyncHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Edge lax;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    lax = federation.poller("alpha/lax-01");
  }

  private static String shortLived() {
    return CommandJson.purge().option("deadlineSeconds", "1").id(server.operator());
  }

  private void awaitExpired(String id) {
    await("expired")
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> federation.stands(id, "alpha/lax-01").equals("expired deadline"));
  }

  /** A command that expired before anybody polled. */
  private String missed() {
    String id = shortLived();
    awaitExpired(id);
    return id;
  }

  private JsonNode poll() {
    return lax.poll("{\"capacity\": 10}");
  }

  private JsonNode acknowledge(String id) {
    return lax.poll("{\"capacity\": 10, \"resynced\": \"" + id + "\"}");
  }

  private static JsonNode listed(String fullName) {
    return server
        .operator()
        .get("/v1/servers?limit=1000")
        .status(200)
        .json()
        .path("items")
        .valueStream()
        .filter(item -> item.path("name").asString().equals(fullName))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void every_answer_says_it_until_it_is_acknowledged() {
    Instant before = Instant.now().minusSeconds(1);
    missed();

    JsonNode resync = poll().path("resync");

    assertThat(resync.path("missed").asInt()).isEqualTo(1);
    assertThat(resync.path("id").asString()).isNotBlank();
    assertThat(Instant.parse(resync.path("since").asString()))
        .isBetween(before, Instant.now().minusMillis(900));
    assertThat(poll().path("resync")).isEqualTo(resync);
    assertThat(federation.poller("alpha/lax-02").poll("{\"capacity\": 1}").has("resync")).isFalse();

    assertThat(acknowledge(resync.path("id").asString()).has("resync")).isFalse();
    assertThat(poll().has("resync")).isFalse();
  }

  @Test
  void the_list_of_servers_shows_it() {
    missed();

    JsonNode missed = listed("alpha/lax-01");
    assertThat(missed.path("upToDate").asBoolean()).isFalse();
    assertThat(missed.path("resync")).isEqualTo(poll().path("resync"));
    JsonNode other = listed("alpha/lax-02");
    assertThat(other.path("upToDate").asBoolean()).isTrue();
    assertThat(other.has("resync")).isFalse();

    acknowledge(missed.path("resync").path("id").asString());
    assertThat(listed("alpha/lax-01").path("upToDate").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"00000000-0000-4000-8000-000000000000", "no id", ""})
  void an_id_that_is_not_the_current_one_is_ignored(String id) {
    missed();
    JsonNode resync = poll().path("resync");

    assertThat(acknowledge(id).path("resync")).isEqualTo(resync);
  }

  @Test
  void an_id_does_not_cover_what_expired_after_it_was_given_out() {
    missed();
    JsonNode first = poll().path("resync");
    missed();

    JsonNode second = acknowledge(first.path("id").asString()).path("resync");

    assertThat(second.path("id").asString()).isNotEqualTo(first.path("id").asString());
    assertThat(second.path("missed").asInt()).isEqualTo(2);
    assertThat(second.path("since")).isEqualTo(first.path("since"));
    assertThat(acknowledge(second.path("id").asString()).has("resync")).isFalse();
    assertThat(acknowledge(first.path("id").asString()).has("resync")).isFalse();
  }

  @Test
  void what_the_poll_itself_finds_expired_stands_in_its_answer() {
    shortLived();
    awaitDeadline();

    JsonNode answer = poll();

    assertThat(answer.path("executions").size()).isZero();
    assertThat(answer.path("resync").path("missed").asInt()).isEqualTo(1);
  }

  /** Whoever ends it first, the poll or upkeep: the deadline has passed. */
  private static void awaitDeadline() {
    await("deadline")
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(10))
        .until(() ->
            server
                .database()
                .jdbi()
                .withHandle(handle ->
                    handle
                        .createQuery(
                            "select max(deadline_at) < clock_timestamp() from rollcall.command")
                        .mapTo(Boolean.class)
                        .one()));
  }

  @Test
  void a_parked_poll_is_told_at_once_and_the_next_one_waits_again() {
    federation.operator().put("/v1/holds/all", "{\"origin\": \"alpha\"}").status(201);
    try {
      String me = "\"poller\": {\"instance\": \"i\"}";
      var parked = lax.pollLater("{\"capacity\": 10, \"waitSeconds\": 60, " + me + "}");
      server.awaitParked(1);
      shortLived();

      JsonNode told = Later.within(parked).status(200).json();
      assertThat(told.path("resync").path("missed").asInt()).isEqualTo(1);

      var next = lax.pollLater("{\"capacity\": 10, \"waitSeconds\": 60, " + me + "}");
      server.awaitParked(1);
      JsonNode ended = lax.poll("{\"capacity\": 10, " + me + "}");
      assertThat(ended.path("resync")).isEqualTo(told.path("resync"));
      assertThat(Later.within(next).status(200).json().has("resync")).isFalse();
    } finally {
      federation.operator().delete("/v1/holds/all").status(204);
    }
  }

  @Test
  void what_was_handed_out_once_was_not_missed() {
    String id = CommandJson.purge().option("deadlineSeconds", "2").id(server.operator());
    Edge.Lease lease = lax.leaseOne();
    lax.report(lease, "released");
    awaitExpired(id);

    assertThat(poll().has("resync")).isFalse();
  }

  @Test
  void what_was_cancelled_was_not_missed() {
    String id = CommandJson.purge().id(server.operator());
    server.operator().post("/v1/commands/" + id + "/cancel").status(202);

    assertThat(poll().has("resync")).isFalse();
  }

  @Test
  void another_node_tells_it_too_whoever_noticed() {
    try (Server second = server.another()) {
      Edge there = new Edge(federation.edge("alpha/lax-01").at(second.baseUri()));
      assertThat(there.poll("{\"capacity\": 1}").has("resync")).isFalse();
      missed();
      JsonNode here = poll().path("resync");
      assertThat(here.path("missed").asInt()).isEqualTo(1);

      await("told by the other node")
          .atMost(Duration.ofSeconds(10))
          .until(() -> there.poll("{\"capacity\": 1}").path("resync").equals(here));

      String ack = "{\"capacity\": 1, \"resynced\": \"" + here.path("id").asString() + "\"}";
      assertThat(there.poll(ack).has("resync")).isFalse();
      assertThat(poll().has("resync")).isFalse();
    }
  }

  @Test
  void a_node_that_was_not_up_when_it_happened_tells_it_from_its_first_answer() {
    missed();
    JsonNode here = poll().path("resync");

    try (Server second = server.another()) {
      Edge there = new Edge(federation.edge("alpha/lax-01").at(second.baseUri()));
      assertThat(there.poll("{\"capacity\": 1}").path("resync")).isEqualTo(here);
    }
  }

  @Test
  void a_server_that_is_removed_leaves_nothing_behind() {
    missed();
    assertThat(poll().has("resync")).isTrue();
    int rows = rows();

    server.operator().put("/v1/registry?prune=true", "{\"participants\": []}").status(200);

    assertThat(rows).isPositive();
    await("forgotten").atMost(Duration.ofSeconds(10)).until(() -> rows() == 0);
  }

  private static int rows() {
    return server
        .database()
        .jdbi()
        .withHandle(handle ->
            handle.createQuery("select count(*) from rollcall.resync").mapTo(Integer.class).one());
  }
}
