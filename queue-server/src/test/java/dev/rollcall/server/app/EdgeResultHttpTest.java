// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.protocol.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** The verdict of each result, and what is kept of it. */
final class EdgeResultHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Edge edge;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    edge = federation.poller("alpha/lax-01");
  }

  /** Of the same server but another key each, so that several are leased at once. */
  private static CommandJson purge() {
    return CommandJson.purge().text("orderingKey", "");
  }

  private static int lateRecords() {
    return server
        .database()
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery("select count(*) from attempt_log where late")
                .mapTo(Integer.class)
                .one());
  }

  @Test
  void a_result_is_counted_once_and_a_second_one_is_a_duplicate() {
    String id = purge().id(server.operator());
    Edge.Lease lease = edge.leaseOne();

    assertThat(edge.report(lease, "succeeded")).isEqualTo("accepted");
    assertThat(edge.report(lease, "succeeded")).isEqualTo("duplicate");
    assertThat(edge.report(lease, "failed")).isEqualTo("duplicate");

    assertThat(federation.total(id, "succeeded")).isEqualTo(1);
    assertThat(federation.total(id, "failed")).isZero();
  }

  @Test
  void each_item_gets_its_verdict_in_the_order_in_which_it_was_sent() {
    String done = purge().id(server.operator());
    String open = purge().id(server.operator());
    String foreign =
        CommandJson.purge("beta/bravo", "https://www.bravo.example/").id(server.operator());
    String later =
        purge()
            .text("notBefore", java.time.Instant.now().plusSeconds(600).toString())
            .id(server.operator());
    assertThat(edge.lease(10)).hasSize(2);
    edge.report(Edge.item(done, 1, "succeeded"));

    JsonNode answer =
        edge.poll(
            "{\"capacity\": 0, \"results\": ["
                + String.join(
                    ",",
                    Edge.item(open, 2, "succeeded"),
                    Edge.item(UUID.randomUUID().toString(), 1, "succeeded"),
                    Edge.item(done, 1, "succeeded"),
                    Edge.item(open, 1, "exploded"),
                    Edge.item(foreign, 1, "succeeded"),
                    Edge.item("no-id", 1, "succeeded"),
                    Edge.item(open, 1, "succeeded"),
                    Edge.item(open, 1, "succeeded"),
                    Edge.item(later, 1, "succeeded"),
                    Edge.item(done, 9, "failed"),
                    Edge.item(open, 0, "failed"))
                + "]}");

    assertThat(Edge.verdicts(answer))
        .containsExactly(
            "stale",
            "unknown",
            "duplicate",
            "invalid",
            "unknown",
            "unknown",
            "accepted",
            "duplicate",
            "unknown",
            "stale",
            "stale");
    assertThat(answer.path("results").get(5).path("command").asString()).isEqualTo("no-id");
    assertThat(answer.path("results").get(9).path("lease").asInt()).isEqualTo(9);
    assertThat(federation.total(open, "succeeded")).isEqualTo(1);
    assertThat(federation.total(foreign, "pending")).isEqualTo(2);
  }

  @Test
  void an_id_spelled_in_capitals_is_the_same_command() {
    String id = purge().id(server.operator());
    edge.leaseOne();

    assertThat(
            edge.report(
                Edge.item(id.toUpperCase(Locale.ROOT), 1, "succeeded"),
                Edge.item(id, 1, "succeeded")))
        .containsExactly("accepted", "duplicate");
    assertThat(federation.total(id, "succeeded")).isEqualTo(1);
  }

  @Test
  void results_under_two_leases_of_one_command_in_one_request() {
    String id = purge().option("leaseSeconds", "1").id(server.operator());
    Edge.Lease first = edge.leaseOne();
    Edge.Lease second = edge.lease(1, 10).getFirst();
    String other = purge().id(server.operator());

    JsonNode answer =
        edge.poll(
            "{\"capacity\": 5, \"results\": [%s, %s]}"
                .formatted(first.result("failed"), second.result("succeeded")));

    assertThat(Edge.verdicts(answer)).containsExactly("stale", "accepted");
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("succeeded");
    Edge.Lease next = Edge.leases(answer).getFirst();
    assertThat(next.command()).isEqualTo(other);
    assertThat(next.number()).as("nothing was leased in between").isEqualTo(1);
  }

  @Test
  void a_late_result_is_accepted_while_the_execution_was_not_handed_out_again() {
    String id = purge().option("leaseSeconds", "1").id(server.operator());
    Edge.Lease lease = edge.leaseOne();
    await("the lease lapsed").until(() -> federation.stands(id, "alpha/lax-01").equals("pending"));

    assertThat(edge.report(lease, "succeeded")).isEqualTo("accepted");
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("succeeded");
  }

  @Test
  void a_result_under_an_older_lease_is_stale_and_recorded_as_late() {
    String id = purge().option("leaseSeconds", "1").id(server.operator());
    Edge.Lease first = edge.leaseOne();
    Edge.Lease second = edge.lease(1, 10).getFirst();
    assertThat(second.number()).isGreaterThan(first.number());
    assertThat(second.attempt()).isEqualTo(2);
    int before = lateRecords();

    assertThat(edge.report(first, "succeeded")).isEqualTo("stale");
    assertThat(lateRecords()).isEqualTo(before + 1);
    assertThat(edge.report(second, "failed", "\"retry\": false")).isEqualTo("accepted");

    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("failed");
    assertThat(federation.total(id, "succeeded")).isZero();
  }

  @Test
  void a_lease_that_was_never_given_is_stale_and_leaves_no_record() {
    String id = purge().id(server.operator());
    edge.leaseOne();
    int before = lateRecords();

    assertThat(
            edge.report(
                Edge.item(id, 0, "succeeded"),
                Edge.item(id, 2, "succeeded"),
                Edge.item(id, Integer.MAX_VALUE, "succeeded"),
                Edge.item(id, Integer.MAX_VALUE + 1L, "succeeded"),
                Edge.item(id, Long.MAX_VALUE, "succeeded")))
        .containsExactly("stale", "stale", "stale", "stale", "stale");
    assertThat(lateRecords()).isEqualTo(before);
    assertThat(federation.total(id, "leased")).isEqualTo(1);
  }

  @Test
  void a_lease_number_of_any_size_is_an_integer() {
    String id = purge().id(server.operator());
    edge.leaseOne();
    String huge = Edge.item(id, 1, "succeeded").replace(": 1,", ": 123456789012345678901234567,");

    assertThat(edge.report(huge, Edge.item(id, 1, "succeeded")))
        .containsExactly("stale", "accepted");
  }

  @Test
  void what_a_result_says_is_kept() {
    String id = purge().id(server.operator());
    Edge.Lease lease = edge.leaseOne();

    edge.report(
        lease,
        "succeeded",
        "\"code\": \"deleted\"",
        "\"message\": \"12 objects, İstanbul\"",
        "\"objects\": 12",
        "\"durationMillis\": 3",
        "\"data\": {\"bans\": [1, {\"x\": null}]}");

    JsonNode execution = federation.execution(id, "alpha/lax-01");
    assertThat(execution.path("state").asString()).isEqualTo("succeeded");
    assertThat(execution.path("attempt").asInt()).isEqualTo(1);
    assertThat(execution.path("code").asString()).isEqualTo("deleted");
    assertThat(execution.path("message").asString()).isEqualTo("12 objects, İstanbul");
    assertThat(execution.path("objects").asInt()).isEqualTo(12);
    assertThat(execution.path("data").toString()).isEqualTo("{\"bans\":[1,{\"x\":null}]}");
    assertThat(execution.path("leasedAt").isString()).isTrue();
    assertThat(execution.path("finishedAt").isString()).isTrue();
  }

  @Test
  void a_message_and_a_code_that_are_too_long_are_cut_and_not_refused() {
    String id = purge().id(server.operator());
    Edge.Lease lease = edge.leaseOne();

    assertThat(
            edge.report(
                lease,
                "succeeded",
                "\"code\": \"" + "c".repeat(500) + "\"",
                "\"message\": \"" + "a€😀".repeat(3_000) + "\""))
        .isEqualTo("accepted");

    JsonNode execution = federation.execution(id, "alpha/lax-01");
    assertThat(execution.path("code").asString()).isEqualTo("c".repeat(64));
    String message = execution.path("message").asString();
    assertThat(message.getBytes(java.nio.charset.StandardCharsets.UTF_8).length)
        .isBetween(2_040, 2_048);
    assertThat(message).startsWith("a€😀a€😀").doesNotContain("\ufffd");
  }

  @Test
  void texts_that_a_database_cannot_hold_are_cleaned_and_harm_no_other_item() {
    String odd = purge().id(server.operator());
    String good = purge().id(server.operator());
    edge.lease(10);

    assertThat(
            edge.report(
                Edge.item(
                    odd,
                    1,
                    "failed",
                    "\"retry\": false",
                    "\"code\": \"a\\u0000b\"",
                    "\"message\": \"x\\u0000y\\ud800z\"",
                    "\"data\": {\"k\\u0000\": \"v\\u0000\\udc00\", \"n\": 1e999999}"),
                Edge.item(good, 1, "succeeded")))
        .containsExactly("accepted", "accepted");
    assertThat(federation.stands(good, "alpha/lax-01")).isEqualTo("succeeded");
    assertThat(federation.execution(odd, "alpha/lax-01").path("message").asString())
        .startsWith("x")
        .endsWith("z");
  }

  @Test
  void data_has_at_most_16_kib() {
    String id = purge().id(server.operator());
    edge.leaseOne();
    String data = "{\"x\":\"" + "d".repeat((16 << 10) - 8) + "\"}";

    edge.api()
        .post(
            "/v1/edge/results",
            "{\"results\": [" + Edge.item(id, 1, "succeeded", "\"data\": " + data + "1") + "]}")
        .problem(400, "invalid");
    edge.api()
        .post(
            "/v1/edge/results",
            "{\"results\": ["
                + Edge.item(id, 1, "succeeded", "\"data\": " + data.replace("\"}", "d\"}"))
                + "]}")
        .invalidAt("/results/0/data");
    assertThat(edge.report(Edge.item(id, 1, "succeeded", "\"data\": " + data)))
        .containsExactly("accepted");
  }

  @Test
  void a_request_has_at_most_1000_results_and_1_mib() {
    String item = Edge.item(UUID.randomUUID().toString(), 1, "succeeded");
    String thousand = (item + ",").repeat(999) + item;

    assertThat(edge.report(thousand)).hasSize(1_000).containsOnly("unknown");
    edge.api()
        .post("/v1/edge/results", "{\"results\": [" + thousand + "," + item + "]}")
        .invalidAt("/results");
    edge.api()
        .post("/v1/edge/poll", "{\"capacity\": 0, \"results\": [" + thousand + "," + item + "]}")
        .invalidAt("/results");
    String padded = "{\"capacity\": 0, \"x\": \"" + "x".repeat(1 << 20) + "\"}";
    edge.api().post("/v1/edge/poll", padded).problem(413, "too-large");
  }

  @Test
  void equal_items_are_accepted_once_whatever_their_number() {
    String id = purge().id(server.operator());
    edge.leaseOne();
    String item = Edge.item(id, 1, "succeeded");

    List<String> verdicts = edge.report((item + ",").repeat(999) + item);

    assertThat(verdicts.getFirst()).isEqualTo("accepted");
    assertThat(verdicts.subList(1, 1_000)).containsOnly("duplicate");
    assertThat(federation.total(id, "succeeded")).isEqualTo(1);
  }

  @Test
  void the_same_result_from_many_connections_is_counted_once() {
    String id = purge().id(server.operator());
    Edge.Lease lease = edge.leaseOne();
    var reports =
        java.util.stream.IntStream.range(0, 20)
            .mapToObj(i -> Later.run(() -> edge.report(lease, "succeeded")))
            .toList();

    List<String> verdicts = reports.stream().map(Later::within).sorted().toList();

    assertThat(verdicts.getFirst()).isEqualTo("accepted");
    assertThat(verdicts.subList(1, 20)).containsOnly("duplicate");
    assertThat(federation.total(id, "succeeded")).isEqualTo(1);
  }

  @Test
  void results_are_settled_before_anything_is_leased_and_before_the_wait() {
    String first = CommandJson.purge().id(server.operator());
    String second = CommandJson.purge().id(server.operator());
    Edge.Lease lease = edge.lease(1).getFirst();
    assertThat(edge.lease(10)).isEmpty();

    JsonNode answer =
        edge.poll(
            "{\"capacity\": 1, \"waitSeconds\": 30, \"results\": ["
                + lease.result("succeeded")
                + "]}");
    assertThat(Edge.verdicts(answer)).containsExactly("accepted");
    assertThat(Edge.commands(Edge.leases(answer))).containsExactly(second);

    var parked =
        edge.pollLater(
            "{\"capacity\": 1, \"waitSeconds\": 30, \"results\": ["
                + Edge.leases(answer).getFirst().result("succeeded")
                + "]}");
    await("the result is in while its poll waits")
        .atMost(Duration.ofSeconds(20))
        .until(() -> federation.stands(second, "alpha/lax-01").equals("succeeded"));
    assertThat(parked).isNotDone();
    CommandJson.purge().id(server.operator());
    assertThat(Edge.verdicts(Later.within(parked).json())).containsExactly("accepted");
    assertThat(federation.stands(first, "alpha/lax-01")).isEqualTo("succeeded");
  }

  @Test
  void what_is_sent_back_echoes_what_was_sent() {
    JsonNode answer =
        Json.MAPPER.readTree(
            edge.api()
                .post(
                    "/v1/edge/results",
                    "{\"results\": [{\"command\": \"x\", \"lease\": 3, \"outcome\": \"succeeded\","
                        + " \"future\": {}}], \"future\": 1}")
                .status(200)
                .text());

    assertThat(answer.path("results").toString())
        .isEqualTo("[{\"command\":\"x\",\"lease\":3,\"verdict\":\"unknown\"}]");
  }
}
