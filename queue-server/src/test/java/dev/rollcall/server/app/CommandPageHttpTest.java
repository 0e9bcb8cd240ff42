// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Pages of the list of commands: bounded in bytes, and each item as it is when read alone. */
final class CommandPageHttpTest {
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

  private static JsonNode list(Api api, String query) {
    return api.get("/v1/commands" + query).status(200).json();
  }

  private static List<String> ids(JsonNode page) {
    return page.path("items").valueStream().map(item -> item.path("id").asString()).toList();
  }

  /** About 900 KiB of parameters. */
  private static String large() {
    String path = "https://www.acme.example/" + "x".repeat(900) + "/";
    String urls =
        IntStream.range(0, 980)
            .mapToObj(i -> "\"" + path + i + "\"")
            .collect(Collectors.joining(",", "[", "]"));
    return CommandJson.purge().parameters("{\"urls\": " + urls + "}").id(server.operator());
  }

  @Test
  void a_page_ends_before_it_holds_more_than_4_mib_and_goes_on_with_next() {
    List<String> made = new ArrayList<>();
    IntStream.range(0, 6).forEach(i -> made.add(large()));
    made.add(CommandJson.purge().id(server.operator()));
    Collections.reverse(made);

    JsonNode first = list(server.operator(), "?limit=500");
    JsonNode second = list(server.operator(), "?limit=500&cursor=" + first.path("next").asString());

    assertThat(ids(first)).isEqualTo(made.subList(0, 5)); // the small one, four of the others
    assertThat(ids(second)).isEqualTo(made.subList(5, 7));
    assertThat(second.has("next")).isFalse();
    assertThat(list(server.operator(), "?limit=5").path("next")).isEqualTo(first.path("next"));
  }

  @Test
  void each_item_of_a_page_is_what_its_command_is_alone() {
    Edge lax = federation.poller("alpha/lax-01");
    String leased = CommandJson.purge().id(server.operator());
    lax.leaseOne();
    CommandJson.purge().text("orderingKey", "other").id(server.operator());
    lax.work();
    CommandJson.purge("beta/bravo", "https://www.bravo.example/").id(server.operator());
    CommandJson.purge()
        .target("{\"selector\": {\"labels\": {\"tier\": \"none\"}}}")
        .id(server.operator());
    server
        .operator()
        .post("/v1/commands/" + CommandJson.purge().id(server.operator()) + "/cancel")
        .status(202);

    for (Api api :
        new Api[] {
          server.operator(),
          federation.as("participant", "alpha"),
          federation.as("participant", "beta"),
          federation.as("customer", "alpha/acme")
        }) {
      JsonNode items = list(api, "").path("items");
      assertThat(items).isNotEmpty();
      for (JsonNode item : items) {
        JsonNode alone = api.get("/v1/commands/" + item.path("id").asString()).status(200).json();
        ((tools.jackson.databind.node.ObjectNode) alone).set("asOf", item.path("asOf"));
        assertThat(item).isEqualTo(alone);
      }
    }
    assertThat(ids(list(server.operator(), ""))).contains(leased).hasSize(5);
  }

  @Test
  void a_participant_lists_what_it_ordered_and_what_it_executes_each_once() {
    String both = CommandJson.purge().id(server.operator());
    String own =
        CommandJson.purge("alpha/other-www", "https://www.other.example/").id(server.operator());
    String foreign =
        CommandJson.purge("beta/bravo", "https://www.bravo.example/").id(server.operator());

    assertThat(ids(list(federation.as("participant", "alpha"), ""))).containsExactly(own, both);
    Api beta = federation.as("participant", "beta");
    assertThat(ids(list(beta, ""))).containsExactly(foreign, both);
    assertThat(ids(list(beta, "?limit=1"))).containsExactly(foreign);
    String next = list(beta, "?limit=1").path("next").asString();
    assertThat(ids(list(beta, "?limit=1&cursor=" + next))).containsExactly(both);
    assertThat(list(beta, "?limit=1&cursor=" + next).has("next")).isFalse();
    assertThat(ids(list(federation.as("customer", "alpha/other"), ""))).containsExactly(own);
  }
}
