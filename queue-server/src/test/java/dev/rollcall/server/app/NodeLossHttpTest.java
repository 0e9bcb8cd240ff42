// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a node knew only by itself is not missed when it is gone. */
final class NodeLossHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  /** The command's next look by upkeep comes now. */
  private static void lookNow(String id) {
    server
        .database()
        .jdbi()
        .useHandle(handle ->
            handle
                .createUpdate(
                    "update rollcall.command set upkeep_at = clock_timestamp() where id ="
                        + " :id::uuid")
                .bind("id", id)
                .execute());
  }

  private void awaitEnd(String id, String end) {
    await(end)
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> {
          lookNow(id);
          return federation.stands(id, "alpha/lax-01").equals(end);
        });
  }

  @Test
  void the_lapse_of_a_last_attempt_that_the_lost_node_gave_out_is_noticed_by_another() {
    String id;
    try (Server lost = server.another()) {
      id =
          CommandJson.purge()
              .option("maxAttempts", "1")
              .option("leaseSeconds", "2")
              .id(server.operator());
      Edge there = new Edge(federation.edge("alpha/lax-01").at(lost.baseUri()));
      assertThat(Edge.commands(there.lease(1, 20))).containsExactly(id);
    }

    awaitEnd(id, "failed no-result");
    assertThat(federation.total(id, "failed")).isEqualTo(1);
  }

  @Test
  void the_lapse_of_a_cancelled_lease_that_the_lost_node_gave_out_is_noticed_by_another() {
    String id;
    try (Server lost = server.another()) {
      id = CommandJson.purge().option("leaseSeconds", "2").id(server.operator());
      Edge there = new Edge(federation.edge("alpha/lax-01").at(lost.baseUri()));
      assertThat(Edge.commands(there.lease(1, 20))).containsExactly(id);
      server.operator().at(lost.baseUri()).post("/v1/commands/" + id + "/cancel").status(202);
    }

    awaitEnd(id, "cancelled cancelled");
    assertThat(federation.state(id)).isEqualTo("cancelled");
  }
}
