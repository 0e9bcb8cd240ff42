// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What operators hold is not handed out, until a time or until they take it back. */
final class HoldHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Edge lax;

  @BeforeEach
  void begin() {
    for (JsonNode hold : server.operator().get("/v1/holds").status(200).json().path("items")) {
      server.operator().delete("/v1/holds/" + hold.path("name").asString()).status(204);
    }
    federation = Federation.fresh(server);
    lax = federation.poller("alpha/lax-01");
  }

  private static Api.Answer put(String name, String body) {
    return server.operator().put("/v1/holds/" + name, body);
  }

  private static void remove(String name) {
    server.operator().delete("/v1/holds/" + name).status(204);
  }

  private static String purge() {
    return CommandJson.purge().id(server.operator());
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "{\"origin\": \"alpha\"}",
        "{\"participant\": \"alpha\"}",
        "{\"configuration\": \"alpha/acme-www\"}",
        "{\"operation\": \"purge\"}",
        "{\"origin\": \"alpha\", \"participant\": \"alpha\", \"configuration\":"
            + " \"alpha/acme-www\", \"operation\": \"purge\"}"
      })
  void what_matches_is_not_handed_out_until_the_hold_is_taken_back(String hold) {
    put("freeze", hold).status(201);
    String id = purge();

    assertThat(lax.lease(10)).isEmpty();
    JsonNode execution = federation.execution(id, "alpha/lax-01");
    assertThat(execution.path("state").asString()).isEqualTo("pending");
    assertThat(execution.path("waitsFor").asString()).isEqualTo("held");
    assertThat(execution.path("hold").asString()).isEqualTo("freeze");
    assertThat(execution.has("waitsUntil")).isFalse();

    remove("freeze");
    assertThat(Edge.commands(lax.lease(10))).containsExactly(id);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "{\"origin\": \"beta\"}",
        "{\"participant\": \"beta\"}",
        "{\"configuration\": \"alpha/other-www\"}",
        "{\"operation\": \"load\"}",
        "{\"origin\": \"alpha\", \"participant\": \"beta\"}",
        "{\"configuration\": \"alpha/acme-www\", \"operation\": \"load\"}"
      })
  void what_does_not_match_in_everything_goes_on(String hold) {
    put("freeze", hold).status(201);
    String id = purge();

    assertThat(federation.execution(id, "alpha/lax-01").path("waitsFor").asString())
        .isNotEqualTo("held");
    assertThat(Edge.commands(lax.lease(10))).containsExactly(id);
  }

  @Test
  void a_hold_of_one_participants_servers_leaves_the_others() {
    put("freeze", "{\"participant\": \"beta\"}").status(201);
    String id = purge();

    assertThat(federation.poller("beta/fra-01").lease(10)).isEmpty();
    assertThat(Edge.commands(lax.lease(10))).containsExactly(id);
    assertThat(federation.execution(id, "beta/fra-01").path("hold").asString()).isEqualTo("freeze");
    assertThat(federation.execution(id, "alpha/lax-01").has("hold")).isFalse();
  }

  @Test
  void taking_it_back_wakes_the_polls_that_waited() {
    put("freeze", "{\"origin\": \"alpha\"}").status(201);
    String id = purge();
    var parked = lax.pollLater("{\"capacity\": 10, \"waitSeconds\": 60}");
    server.awaitParked(1);

    remove("freeze");

    assertThat(Edge.commands(Edge.leases(Later.within(parked).status(200).json())))
        .containsExactly(id);
  }

  @Test
  void its_end_in_time_wakes_the_polls_that_waited() {
    String until = Instant.now().plusSeconds(2).toString();
    put("freeze", "{\"origin\": \"alpha\", \"until\": \"" + until + "\"}").status(201);
    String id = purge();
    JsonNode execution = federation.execution(id, "alpha/lax-01");
    assertThat(Instant.parse(execution.path("waitsUntil").asString()))
        .isBetween(Instant.parse(until).minusMillis(1), Instant.parse(until).plusMillis(1));

    List<Edge.Lease> leases = lax.lease(10, 60);

    assertThat(Instant.now()).isBetween(Instant.parse(until), Instant.parse(until).plusSeconds(2));
    assertThat(Edge.commands(leases)).containsExactly(id);
    server.operator().get("/v1/holds/freeze").problem(404, "not-found");
    assertThat(server.operator().get("/v1/holds").json().path("items").size()).isZero();
  }

  @Test
  void another_node_heeds_it_and_its_end() {
    try (Server second = server.another()) {
      Edge there = new Edge(federation.edge("alpha/lax-01").at(second.baseUri()));
      put("freeze", "{\"origin\": \"alpha\"}").status(201);
      await("heeded")
          .atMost(Duration.ofSeconds(10))
          .until(() -> {
            String id = purge();
            List<Edge.Lease> leases = there.lease(10);
            leases.forEach(lease -> there.report(lease, "succeeded"));
            server.operator().post("/v1/commands/" + id + "/cancel").status(202);
            return leases.isEmpty();
          });
      String id = purge();
      var parked = there.pollLater("{\"capacity\": 10, \"waitSeconds\": 60}");
      awaitParked(second);

      remove("freeze");

      assertThat(Edge.commands(Edge.leases(Later.within(parked).status(200).json())))
          .containsExactly(id);
    }
  }

  private static void awaitParked(Server node) {
    Api api = server.operator().at(node.baseUri());
    await("parked there")
        .atMost(Duration.ofSeconds(10))
        .until(
            () -> api.get("/metrics").text().lines().anyMatch("rollcall_polls_parked 1.0"::equals));
  }

  @Test
  void a_held_execution_expires_and_can_be_cancelled() {
    put("freeze", "{\"origin\": \"alpha\"}").status(201);
    String expires = CommandJson.purge().option("deadlineSeconds", "1").id(server.operator());
    String cancelled = purge();

    server.operator().post("/v1/commands/" + cancelled + "/cancel").status(202);

    assertThat(federation.state(cancelled)).isEqualTo("cancelled");
    await("expired")
        .atMost(Duration.ofSeconds(20))
        .until(() -> federation.stands(expires, "alpha/lax-01").equals("expired deadline"));
  }

  @Test
  void a_lease_that_is_out_is_not_broken_and_what_follows_it_is_held() {
    String first = purge();
    String second = purge();
    Edge.Lease lease = lax.lease(1).getFirst();
    put("freeze", "{\"origin\": \"alpha\"}").status(201);

    assertThat(lax.report(lease, "succeeded")).isEqualTo("accepted");

    assertThat(federation.stands(first, "alpha/lax-01")).startsWith("succeeded");
    assertThat(lax.lease(10)).isEmpty();
    remove("freeze");
    assertThat(Edge.commands(lax.lease(10))).containsExactly(second);
  }

  @Test
  void order_is_order_what_stands_behind_a_held_one_waits_too() {
    put("freeze", "{\"operation\": \"load\"}").status(201);
    String held =
        CommandJson.of("load")
            .target("{\"configuration\": \"alpha/acme-www\"}")
            .parameters("{\"urls\": [\"https://www.acme.example/a.js\"]}")
            .text("lane", "normal")
            .id(server.operator());
    String behind = purge();

    assertThat(lax.lease(10)).isEmpty();
    assertThat(federation.execution(behind, "alpha/lax-01").path("waitsFor").asString())
        .isEqualTo("ordering-key");

    remove("freeze");
    assertThat(Edge.commands(lax.lease(10))).containsExactly(held, behind);
  }

  @Test
  void a_hold_is_shown_as_it_was_set() {
    String until = "2030-05-06T07:08:09Z";
    Api.Answer set =
        put(
            "black-friday",
            """
            {"origin": "alpha", "participant": "beta", "configuration": "alpha/acme-www", "operation": "purge",
             "until": "2030-05-06T09:08:09+02:00", "reason": "nobody touches anything"}
            """);

    JsonNode hold = set.status(201).json();
    assertThat(hold.path("name").asString()).isEqualTo("black-friday");
    assertThat(hold.path("origin").asString()).isEqualTo("alpha");
    assertThat(hold.path("participant").asString()).isEqualTo("beta");
    assertThat(hold.path("configuration").asString()).isEqualTo("alpha/acme-www");
    assertThat(hold.path("operation").asString()).isEqualTo("purge");
    assertThat(hold.path("until").asString()).isEqualTo(until);
    assertThat(hold.path("reason").asString()).isEqualTo("nobody touches anything");
    assertThat(hold.path("createdBy").asString()).isEqualTo("operator:settings");
    assertThat(server.operator().get("/v1/holds/black-friday").status(200).json()).isEqualTo(hold);
    assertThat(reported()).containsExactly("black-friday alpha beta alpha/acme-www purge");
  }

  private static List<String> reported() {
    return server
        .database()
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select concat_ws(' ', hold, origin, participant, configuration, operation)"
                        + " from report.hold")
                .mapTo(String.class)
                .list());
  }

  @Test
  void setting_it_anew_replaces_it_whole() {
    put("freeze", "{\"origin\": \"alpha\", \"reason\": \"x\"}").status(201);
    JsonNode again = put("freeze", "{\"participant\": \"beta\"}").status(200).json();

    assertThat(again.path("origin").isNull()).isTrue();
    assertThat(again.path("reason").isNull()).isTrue();
    assertThat(again.path("participant").asString()).isEqualTo("beta");
    String id = purge();
    assertThat(Edge.commands(lax.lease(10))).containsExactly(id);
    assertThat(federation.poller("beta/fra-01").lease(10)).isEmpty();
  }

  @Test
  void holds_are_listed_by_name_page_by_page() {
    for (String name : List.of("c", "a", "b")) {
      put(name, "{\"operation\": \"load\"}").status(201);
    }

    JsonNode page = server.operator().get("/v1/holds?limit=2").status(200).json();
    assertThat(names(page)).containsExactly("a", "b");
    JsonNode next =
        server
            .operator()
            .get("/v1/holds?limit=2&cursor=" + page.path("next").asString())
            .status(200)
            .json();
    assertThat(names(next)).containsExactly("c");
    assertThat(next.has("next")).isFalse();
  }

  private static List<String> names(JsonNode page) {
    return page.path("items").valueStream().map(item -> item.path("name").asString()).toList();
  }

  @Test
  void what_was_done_is_on_record() {
    put("audited", "{\"operation\": \"load\"}").status(201);
    remove("audited");

    List<String> acts =
        server
            .database()
            .jdbi()
            .withHandle(handle ->
                handle
                    .createQuery(
                        "select subject || ' ' || action || ' ' || detail::text from report.audit"
                            + " where object = 'holds/audited' order by at")
                    .mapTo(String.class)
                    .list());

    assertThat(acts)
        .containsExactly(
            "operator:settings hold-set {\"operation\": \"load\"}",
            "operator:settings hold-removed {}");
  }

  @Test
  void a_time_that_will_not_do_is_shown() {
    assertThat(
            put("freeze", "{\"origin\": \"alpha\", \"until\": \"2020-01-01T00:00:00Z\"}")
                .messageAt("/until"))
        .contains("2020-01-01T00:00:00Z", "3650 days");
  }

  @Test
  void there_are_at_most_100() {
    for (int i = 0; i < 100; i++) {
      put("h" + i, "{\"operation\": \"load\"}").status(201);
    }

    put("one-more", "{\"operation\": \"load\"}").problem(409, "conflict");
    put("h7", "{\"operation\": \"purge\"}").status(200);
    server.operator().get("/v1/holds/one-more").problem(404, "not-found");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | ''",
        "{\"reason\": \"x\"} | ''",
        "{\"origin\": \"nobody\"} | /origin",
        "{\"origin\": 7} | /origin",
        "{\"participant\": \"nobody\", \"operation\": \"rinse\"} | /participant /operation",
        "{\"configuration\": \"alpha/nothing\"} | /configuration",
        "{\"origin\": \"alpha\", \"until\": \"tomorrow\"} | /until",
        "{\"origin\": \"alpha\", \"until\": \"2020-01-01T00:00:00Z\"} | /until",
        "{\"origin\": \"alpha\", \"until\": \"+99999-01-01T00:00:00Z\"} | /until",
        "{\"origin\": \"alpha\", \"server\": \"x\"} | /server"
      })
  void a_hold_that_makes_no_sense_is_refused(String body, String pointers) {
    put("freeze", body).invalidAt(pointers.isEmpty() ? new String[] {""} : pointers.split(" ", -1));
    server.operator().get("/v1/holds/freeze").problem(404, "not-found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Freeze", "-a", "a_b", "a.b", "%20"})
  void a_name_that_cannot_be_is_refused(String name) {
    put(name, "{\"origin\": \"alpha\"}").invalidAt("/name");
    server.operator().get("/v1/holds/" + name).problem(404, "not-found");
    server.operator().delete("/v1/holds/" + name).problem(404, "not-found");
  }

  @Test
  void only_operators_hold() {
    for (String scope : List.of("participant alpha", "customer alpha/acme", "reporter ")) {
      String[] parts = scope.split(" ", 2);
      Api api = federation.as(parts[0], parts[1]);
      api.put("/v1/holds/freeze", "{\"origin\": \"alpha\"}").problem(403, "forbidden");
      api.get("/v1/holds").problem(403, "forbidden");
      api.delete("/v1/holds/freeze").problem(403, "forbidden");
    }
  }
}
