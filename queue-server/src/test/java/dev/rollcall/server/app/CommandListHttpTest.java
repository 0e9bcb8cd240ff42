// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The lists of commands, of executions and of servers. */
final class CommandListHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    server
        .database()
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "truncate command, command_target, rollup, execution_result, attempt_log"));
  }

  private static JsonNode list(String query) {
    return list(server.operator(), query);
  }

  private static JsonNode list(Api api, String query) {
    return api.get("/v1/commands" + query).status(200).json();
  }

  private static List<String> ids(JsonNode page) {
    return page.path("items").valueStream().map(item -> item.path("id").asString()).toList();
  }

  private static List<String> servers(JsonNode page) {
    return page.path("items").valueStream().map(item -> item.path("server").asString()).toList();
  }

  private static List<String> ids(String query) {
    return ids(list(query));
  }

  private static String purge() {
    return CommandJson.purge().id(server.operator());
  }

  @Test
  void commands_are_listed_newest_first_page_by_page() {
    List<String> made = new ArrayList<>(IntStream.range(0, 7).mapToObj(i -> purge()).toList());
    Collections.reverse(made);

    List<String> seen = new ArrayList<>();
    String cursor = "";
    int pages = 0;
    do {
      JsonNode page = list("?limit=3" + cursor);
      assertThat(page.path("items").size()).isLessThanOrEqualTo(3);
      seen.addAll(ids(page));
      cursor = page.has("next") ? "&cursor=" + page.path("next").asString() : "";
      pages++;
    } while (!cursor.isEmpty());

    assertThat(seen).isEqualTo(made);
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void a_last_page_that_is_full_has_no_next() {
    IntStream.range(0, 4).forEach(i -> purge());

    assertThat(list("?limit=4").has("next")).isFalse();
    assertThat(list("?limit=3").has("next")).isTrue();
  }

  @Test
  void a_listed_command_is_the_same_as_a_single_one() {
    String id = purge();
    federation.poller("alpha/lax-01").leaseOne();

    JsonNode listed = list("").path("items").get(0);
    JsonNode single = federation.command(id);

    for (String field :
        List.of("id", "state", "version", "totals", "participants", "target", "options")) {
      assertThat(listed.path(field)).as(field).isEqualTo(single.path(field));
    }
  }

  @Test
  void commands_are_filtered_by_state() {
    String pending = purge();
    String cancelled = purge();
    server.operator().post("/v1/commands/" + cancelled + "/cancel").status(202);
    String complete =
        CommandJson.purge()
            .target("{\"selector\": {\"labels\": {\"tier\": \"none\"}}}")
            .id(server.operator());
    String active =
        CommandJson.purge("beta/bravo", "https://www.bravo.example/").id(server.operator());
    Edge fra = federation.poller("beta/fra-02");
    Edge.Lease lease = fra.leaseOne();
    String failed =
        CommandJson.of("invalidate")
            .target("{\"configuration\": \"alpha/acme-www\", \"participants\": [\"beta\"]}")
            .parameters("{\"everything\": true}")
            .id(server.operator());

    await("the first hand-out is noted").until(() -> ids("?state=active").equals(List.of(active)));
    assertThat(ids("?state=pending")).containsExactly(pending);
    assertThat(ids("?state=cancelled")).containsExactly(cancelled);
    assertThat(ids("?state=complete")).containsExactly(complete);
    assertThat(ids("?state=failed")).containsExactly(failed);
    assertThat(ids("?state=processed")).isEmpty();
    server.operator().post("/v1/commands/" + active + "/cancel").status(202);
    assertThat(ids("?state=cancelling")).containsExactly(active);
    fra.report(lease, "failed");
    await("it ended").until(() -> ids("?state=cancelled").contains(active));
  }

  @Test
  void commands_are_filtered_by_operation_configuration_participant_and_time() {
    String purge = purge();
    String bravo =
        CommandJson.purge("beta/bravo", "https://www.bravo.example/").id(server.operator());
    String load =
        CommandJson.of("load")
            .target("{\"configuration\": \"alpha/other-www\"}")
            .parameters("{\"urls\": [\"https://www.other.example/\"]}")
            .id(server.operator());

    assertThat(ids("?operation=load")).containsExactly(load);
    assertThat(ids("?configuration=beta/bravo")).containsExactly(bravo);
    assertThat(ids("?configuration=beta/none")).isEmpty();
    assertThat(ids("?participant=beta")).containsExactly(bravo, purge);
    assertThat(ids("?participant=nobody")).isEmpty();
    assertThat(ids("?participant=beta&operation=purge&configuration=alpha/acme-www"))
        .containsExactly(purge);
    String created = federation.command(bravo).path("createdAt").asString();
    assertThat(ids("?since=" + created)).containsExactly(load, bravo);
    assertThat(ids("?until=" + created)).containsExactly(purge);
    assertThat(ids("?since=" + created + "&until=" + created)).isEmpty();
    String elsewhere =
        java.time.OffsetDateTime.parse(created)
            .withOffsetSameInstant(java.time.ZoneOffset.ofHoursMinutes(5, 45))
            .toString();
    assertThat(ids("?until=" + URLEncoder.encode(elsewhere, StandardCharsets.UTF_8)))
        .containsExactly(purge);
  }

  @Test
  void filters_tell_who_only_executes_a_command_nothing_of_the_others() {
    String id = purge();
    String own =
        CommandJson.purge("beta/bravo", "https://www.bravo.example/").id(server.operator());
    federation.poller("beta/fra-01").work();
    Api alpha = federation.as("participant", "alpha");
    Api beta = federation.as("participant", "beta");

    await("the first hand-out is noted").until(() -> ids("?state=active").equals(List.of(own, id)));
    assertThat(ids(list(alpha, "?participant=beta"))).containsExactly(id);
    assertThat(ids(list(alpha, "?state=active"))).containsExactly(id);
    assertThat(ids(list(alpha, "?state=complete"))).isEmpty();
    assertThat(ids(list(beta, "?participant=alpha"))).isEmpty();
    assertThat(ids(list(beta, "?participant=beta"))).containsExactly(own, id);
    assertThat(ids(list(beta, "?state=complete"))).containsExactly(id);
    assertThat(ids(list(beta, "?state=active"))).containsExactly(own);
    alpha.post("/v1/commands/" + id + "/cancel").status(202);
    assertThat(ids(list(alpha, "?state=cancelled"))).containsExactly(id);
    for (String state : List.of("pending", "active", "complete", "failed", "cancelled")) {
      for (JsonNode item : list(beta, "?state=" + state).path("items")) {
        assertThat(item.path("state").asString()).isEqualTo(state);
      }
    }
    assertThat(ids(list(beta, "?state=complete"))).containsExactly(id);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "limit=0, limit",
    "limit=501, limit",
    "limit=x, limit",
    "cursor=x, cursor",
    "cursor=%00, cursor",
    "cursor=0198c0de, cursor",
    "state=done, state",
    "state=Pending, state",
    "since=yesterday, since",
    "since=2026-01-01, since",
    "since=%2B999999999-12-31T23:59:59Z, since",
    "until=-999999999-01-01T00:00:00Z, until",
    "until=0000-01-01T00:00:00Z%00, until",
    "operation=%00, operation",
    "configuration=a%00b, configuration",
    "participant=%00, participant",
    "colour=red, colour",
    "State=pending, State"
  })
  void a_filter_that_makes_no_sense_is_refused_by_name(String query, String name) {
    server.operator().get("/v1/commands?" + query).invalidAt("/query/" + name);
  }

  @Test
  void executions_are_listed_with_filters_and_pages() {
    String id = CommandJson.purge("beta/bravo", "https://www.bravo.example/").id(server.operator());
    federation.poller("beta/fra-01").work();
    String path = "/v1/commands/" + id + "/executions";
    Api operator = server.operator();

    assertThat(servers(operator.get(path).json())).containsExactly("beta/fra-01", "beta/fra-02");
    assertThat(servers(operator.get(path + "?state=succeeded").json()))
        .containsExactly("beta/fra-01");
    assertThat(servers(operator.get(path + "?state=pending").json()))
        .containsExactly("beta/fra-02");
    assertThat(servers(operator.get(path + "?state=leased").json())).isEmpty();
    assertThat(servers(operator.get(path + "?participant=beta").json())).hasSize(2);
    assertThat(servers(operator.get(path + "?participant=alpha").json())).isEmpty();
    assertThat(servers(operator.get(path + "?participant=nobody").json())).isEmpty();
    JsonNode page = operator.get(path + "?limit=1").json();
    assertThat(servers(page)).containsExactly("beta/fra-01");
    JsonNode next = operator.get(path + "?limit=1&cursor=" + page.path("next").asString()).json();
    assertThat(servers(next)).containsExactly("beta/fra-02");
    assertThat(next.has("next")).isFalse();
  }

  @Test
  void an_execution_shows_all_its_fields_also_those_that_are_not_known() {
    String id = purge();

    JsonNode execution = federation.execution(id, "alpha/lax-01");

    for (String field : List.of("code", "message", "objects", "data", "leasedAt", "finishedAt")) {
      assertThat(execution.has(field)).as(field).isTrue();
      assertThat(execution.path(field).isNull()).as(field).isTrue();
    }
    assertThat(execution.path("attempt").asInt()).isZero();
    assertThat(execution.path("participant").asString()).isEqualTo("alpha");
    assertThat(execution.path("waitsFor").asString()).isEqualTo("never-polled");
    federation.poller("alpha/lax-01").leaseOne();
    JsonNode leased = federation.execution(id, "alpha/lax-01");
    assertThat(leased.path("state").asString()).isEqualTo("leased");
    assertThat(leased.path("leasedAt").isString()).isTrue();
    assertThat(leased.path("attempt").asInt()).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "limit=0, limit",
    "limit=1001, limit",
    "cursor=x, cursor",
    "cursor=-1, cursor",
    "state=ended, state",
    "server=x, server",
    "participant=%00, participant"
  })
  void a_filter_of_executions_that_makes_no_sense_is_refused(String query, String name) {
    server
        .operator()
        .get("/v1/commands/" + purge() + "/executions?" + query)
        .invalidAt("/query/" + name);
  }

  @Test
  void servers_are_listed_with_what_is_known_of_their_pollers() {
    purge();
    federation
        .poller("alpha/lax-01")
        .poll(
            "{\"capacity\": 0, \"poller\": {\"instance\": \"i\", \"version\": \"1.2\","
                + " \"operations\": [\"purge\"]}}");

    JsonNode lax =
        await("it was noted")
            .until(
                () -> listed("alpha/lax-01"), item -> item.at("/poller/operations/0").isString());
    assertThat(lax.path("lastPollAt").isString()).isTrue();
    assertThat(lax.path("participant").asString()).isEqualTo("alpha");
    assertThat(lax.path("region").asString()).isEqualTo("us-west");
    assertThat(lax.path("labels").path("tier").asString()).isEqualTo("edge");
    assertThat(lax.path("pending").asInt()).isEqualTo(1);
    assertThat(lax.path("oldestPendingAt").isString()).isTrue();
    assertThat(lax.path("poller").path("version").asString()).isEqualTo("1.2");
    assertThat(lax.path("poller").path("operations").toString()).isEqualTo("[\"purge\"]");
    List<String> silent =
        server
            .operator()
            .get("/v1/servers?silentSeconds=600")
            .json()
            .path("items")
            .valueStream()
            .map(s -> s.path("name").asString())
            .toList();
    assertThat(silent).contains("alpha/lax-02", "beta/fra-01").doesNotContain("alpha/lax-01");
    server.operator().get("/v1/servers?silentSeconds=-1").invalidAt("/query/silentSeconds");
    server.operator().get("/v1/servers?silent=1").invalidAt("/query/silent");
  }

  private static JsonNode listed(String server) {
    return CommandListHttpTest.server
        .operator()
        .get("/v1/servers")
        .json()
        .path("items")
        .valueStream()
        .filter(item -> item.path("name").asString().equals(server))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void servers_are_listed_page_by_page() {
    List<String> seen = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = server.operator().get("/v1/servers?limit=2" + cursor).status(200).json();
      page.path("items").forEach(item -> seen.add(item.path("name").asString()));
      cursor = page.has("next") ? "&cursor=" + page.path("next").asString() : "";
    } while (!cursor.isEmpty());

    assertThat(seen)
        .containsExactlyInAnyOrder(
            "alpha/lax-01", "alpha/lax-02", "beta/fra-01", "beta/fra-02", "gamma/*");
  }

  /** What a poller says of itself must not keep others from being noted. */
  @Test
  void a_poller_with_odd_words_harms_no_other() {
    federation
        .poller("alpha/lax-01")
        .poll(
            "{\"capacity\": 0, \"poller\": {\"instance\": \"a\\u0000b\", \"version\":"
                + " \"\\ud800\\u0000\", \"operations\": [\"purge\", \"x y\", \"\\u0000\"]}}");
    federation.poller("alpha/lax-02").lease(0);

    await("both are noted")
        .until(
            () ->
                server
                    .operator()
                    .get("/v1/servers")
                    .json()
                    .path("items")
                    .valueStream()
                    .filter(item -> item.path("lastPollAt").isString())
                    .count(),
            count -> count == 2);
  }
}
