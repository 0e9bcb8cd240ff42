// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.json.Json;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

final class GroupTest {
  @ParameterizedTest
  @CsvSource({"1000, 20, 250", "1000, 10, 500", "1000, 100, 50", "20, 2, 50", "500, 10, 250"})
  void narrow_configurations_lie_evenly_on_all_servers(int servers, int targets, int narrow) {
    var group = new Group("f", 10, servers / 10, 1, narrow, targets);

    Map<String, Integer> deployed = new HashMap<>();
    JsonNode first = Json.MAPPER.valueToTree(group.entries().getFirst());
    for (JsonNode configuration : first.path("configurations")) {
      if (configuration.path("name").asString().startsWith("narrow-")) {
        configuration
            .path("deployments")
            .forEach(server -> deployed.merge(server.asString(), 1, Integer::sum));
      }
    }

    assertThat(deployed).hasSize(servers);
    assertThat(deployed.values()).containsOnly(5);
  }
}
