// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WireTest {
  @Test
  void a_poll_is_written_with_the_names_of_the_wire() {
    var poll =
        new PollRequest(
            10,
            30,
            List.of(new ResultItem("c1", 4, "succeeded", "deleted", null, 12L, 3L, null, null)),
            new PollRequest.PollerInfo("i1", "0.1.0", List.of("purge")),
            null);

    assertThat(Json.MAPPER.writeValueAsString(poll))
        .isEqualTo(
            """
            {"capacity":10,"waitSeconds":30,"results":[{"command":"c1","lease":4,\
            "outcome":"succeeded","code":"deleted","objects":12,"durationMillis":3}],\
            "poller":{"instance":"i1","version":"0.1.0","operations":["purge"]},"resynced":null}\
            """);
  }

  @Test
  void an_answer_with_fields_of_a_newer_server_is_still_read() {
    PollAnswer answer =
        Json.MAPPER.readValue(
            """
            {"results": [{"command": "c1", "lease": 4, "verdict": "accepted", "new": 1}],
             "executions": [{"command": "c2", "lease": 5, "attempt": 1, "operation": "purge",
               "parameters": {"urls": ["https://www.acme.example/a"]},
               "configuration": {"name": "alpha/acme-www", "hosts": ["www.acme.example"]},
               "orderingKey": "alpha/acme-www", "leaseSeconds": 60, "deadlineSeconds": 86395}],
             "cancelled": [{"command": "c2", "lease": 5}], "pollAfterSeconds": 0, "later": {}}
            """
                .getBytes(UTF_8),
            PollAnswer.class);

    assertThat(answer.results().getFirst().verdict()).isEqualTo(Verdict.ACCEPTED.wire());
    assertThat(answer.executions().getFirst().configuration())
        .isEqualTo(new PollAnswer.Configuration("alpha/acme-www", List.of("www.acme.example")));
    assertThat(answer.resync()).isNull();
  }

  @Test
  void words_of_the_wire_are_found_again() {
    for (Outcome outcome : Outcome.values()) {
      assertThat(Outcome.of(outcome.wire())).contains(outcome);
    }
    for (Verdict verdict : Verdict.values()) {
      assertThat(Verdict.of(verdict.wire())).contains(verdict);
    }
    assertThat(Outcome.of("SUCCEEDED")).isEmpty();
  }
}
