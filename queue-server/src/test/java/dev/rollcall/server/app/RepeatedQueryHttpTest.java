// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.app.PermissionTable.Line;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Every query parameter of every route, given twice: neither of the two may win unseen. */
final class RepeatedQueryHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static JsonNode description;

  @BeforeAll
  static void begin() throws IOException {
    try (InputStream in = RepeatedQueryHttpTest.class.getResourceAsStream("/openapi.yaml")) {
      description = YAMLMapper.shared().readTree(in);
    }
    Federation.fresh(server, PermissionThings.MANIFEST);
  }

  private static List<String> queryOf(Line line) {
    return description
        .path("paths")
        .path(line.route())
        .path(line.method().toLowerCase(Locale.ROOT))
        .path("parameters")
        .valueStream()
        .filter(parameter -> parameter.path("in").asString().equals("query"))
        .map(parameter -> parameter.path("name").asString())
        .toList();
  }

  @Test
  void a_parameter_that_is_given_twice_is_refused_by_name_at_every_route() {
    var things = new PermissionThings(server.operator());
    int asked = 0;
    for (Line line : PermissionTable.read()) {
      String path = things.fill(line, PermissionThings.OWN).path().replaceAll("\\?.*", "");
      for (String name : queryOf(line)) {
        String twice = path + "?" + name + "=1&" + name + "=1";
        Api.Answer answer =
            server
                .operator()
                .send(line.method(), twice, "{}", Map.of("Content-Type", "application/json"));

        assertThat(answer.status())
            .as("%s %s: %s", line.method(), twice, answer.text())
            .isEqualTo(400);
        answer.invalidAt("/query/" + name);
        assertThat(answer.messageAt("/query/" + name)).isEqualTo("is given 2 times; allowed: once");
        asked++;
      }
    }
    assertThat(asked).as("parameters that were tried").isGreaterThan(20);
  }

  @Test
  void a_parameter_of_a_report_that_is_given_twice_is_refused() {
    JsonNode report =
        server
            .operator()
            .get("/v1/reports")
            .json()
            .path("items")
            .valueStream()
            .filter(each -> !each.path("parameters").isEmpty())
            .findFirst()
            .orElseThrow();
    String name = report.path("parameters").path(0).path("name").asString();

    server
        .operator()
        .get("/v1/reports/" + report.path("name").asString() + "?" + name + "=1&" + name + "=2")
        .invalidAt("/query/" + name);
  }
}
