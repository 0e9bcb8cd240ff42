// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

final class CommandJourneyHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  @Test
  void a_purge_goes_from_submit_over_two_edges_to_complete() {
    Federation federation = Federation.apply(server);

    String id = federation.purge("alpha/acme-www", "https://www.acme.example/a.js");
    for (String edge : List.of("alpha/lax-01", "beta/fra-01")) {
      JsonNode leased =
          federation
              .edge(edge)
              .post("/v1/edge/poll", "{\"capacity\": 5}")
              .json()
              .path("executions");
      assertThat(leased).hasSize(1);
      assertThat(leased.get(0).path("command").asString()).isEqualTo(id);
      JsonNode verdicts =
          federation
              .edge(edge)
              .post(
                  "/v1/edge/poll",
                  """
                  {"capacity": 5, "results": [{"command": "%s", "lease": 1, "outcome": "succeeded", "objects": 1}]}
                  """
                      .formatted(id))
              .json()
              .path("results");
      assertThat(verdicts.get(0).path("verdict").asString()).isEqualTo("accepted");
    }

    JsonNode command = server.operator().get("/v1/commands/" + id).json();
    assertThat(command.path("state").asString()).isEqualTo("complete");
    assertThat(command.path("completedAt").isNull()).isFalse();
    assertThat(command.path("totals").path("succeeded").asInt()).isEqualTo(2);
  }
}
