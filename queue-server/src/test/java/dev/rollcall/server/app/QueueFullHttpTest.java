// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Origins that have too much open. */
final class QueueFullHttpTest {
  @RegisterExtension
  static final ServerExtension server =
      new ServerExtension(
          Map.of("max-pending-per-server", "3", "max-pending-per-participant", "8"));

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  private static CommandJson purgeOn(String fullName) {
    return CommandJson.purge().target("{\"servers\": [\"" + fullName + "\"]}");
  }

  private static int commands() {
    return server
        .database()
        .jdbi()
        .withHandle(handle ->
            handle.createQuery("select count(*) from command").mapTo(Integer.class).one());
  }

  @Test
  void beyond_the_limit_of_a_server_nothing_is_stored_until_something_has_ended() {
    for (int i = 0; i < 3; i++) {
      purgeOn("alpha/lax-01").id(server.operator());
    }
    int before = commands();

    Api.Answer full = purgeOn("alpha/lax-01").post(server.operator());

    full.problem(503, "queue-full");
    assertThat(full.headers()).containsEntry("Retry-After", "5");
    CommandJson.purge().post(server.operator()).problem(503, "queue-full");
    assertThat(commands()).isEqualTo(before);
    purgeOn("beta/fra-01").id(server.operator());
    assertThat(federation.poller("alpha/lax-01").work()).isEqualTo(3);
    await("what has ended is not counted any more")
        .atMost(Duration.ofSeconds(20))
        .until(() -> purgeOn("alpha/lax-01").post(server.operator()).status() == 202);
  }

  @Test
  void what_one_origin_has_open_leaves_another_its_room() {
    for (int i = 0; i < 3; i++) {
      purgeOn("beta/fra-01").id(federation.as("participant", "alpha"));
    }
    purgeOn("beta/fra-01").post(federation.as("participant", "alpha")).problem(503, "queue-full");

    CommandJson.purge("beta/bravo", "https://www.bravo.example/a")
        .id(federation.as("participant", "beta"));
  }

  @Test
  void beyond_the_limit_of_an_origin_nothing_is_stored_on_any_server() {
    for (int i = 0; i < 3; i++) {
      CommandJson.purge().id(server.operator());
    }
    CommandJson.purge("alpha/other-www", "https://www.other.example/a")
        .target("{\"servers\": [\"alpha/lax-02\"]}")
        .id(server.operator());
    CommandJson.purge("alpha/other-www", "https://www.other.example/b")
        .target("{\"servers\": [\"alpha/lax-02\"]}")
        .id(server.operator());

    CommandJson.purge("alpha/other-www", "https://www.other.example/c")
        .target("{\"servers\": [\"alpha/lax-02\"]}")
        .post(server.operator())
        .problem(503, "queue-full");
  }

  @Test
  void a_repeat_of_what_was_accepted_is_answered_and_a_dry_run_too() {
    Map<String, String> key = Map.of("Idempotency-Key", "first");
    String body = purgeOn("alpha/lax-01").toString();
    server.operator().post("/v1/commands", body, key).status(202);
    purgeOn("alpha/lax-01").id(server.operator());
    purgeOn("alpha/lax-01").id(server.operator());
    purgeOn("alpha/lax-01").post(server.operator()).problem(503, "queue-full");

    server.operator().post("/v1/commands", body, key).status(202);
    server.operator().post("/v1/commands?dryRun=true", body).status(200);
  }

  @Test
  void another_node_counts_what_is_open_as_well() {
    for (int i = 0; i < 3; i++) {
      purgeOn("alpha/lax-01").id(server.operator());
    }
    try (Server another = server.another()) {
      Api there = server.operator().at(another.baseUri());
      await("it has counted")
          .atMost(Duration.ofSeconds(20))
          .until(() ->
              there
                  .post("/v1/commands", purgeOn("alpha/lax-01").toString())
                  .text()
                  .contains("queue-full"));
    }
  }
}
