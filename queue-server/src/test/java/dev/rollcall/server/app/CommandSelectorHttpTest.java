// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a purge, an invalidation or a load acts on stays within one configuration. */
final class CommandSelectorHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  private static Api.Answer submit(String operation, String parameters) {
    return CommandJson.of(operation)
        .target("{\"configuration\": \"alpha/acme-www\"}")
        .parameters(parameters)
        .post(server.operator());
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "{\"urls\": [\"https://www.acme.example/a\", \"http://b.img.acme.example/\"]}",
        "{\"prefixes\": [\"https://www.acme.example/static/\"]}",
        "{\"patterns\": [\"/a/*\", \"*.js\", \"/a$*b\"]}",
        "{\"patterns\": [{\"pattern\": \"/A/*\", \"caseSensitive\": false, \"matchQueryString\":"
            + " false}]}",
        "{\"regexes\": [\"^/a/[0-9]+$\", \"(?i)\\\\.png$\"]}",
        "{\"tags\": [\"product-7\", \"a:b\"]}",
        "{\"everything\": true}",
        "{\"urls\": [\"https://www.acme.example/a\"], \"tags\": [\"t\"], \"everything\": true}"
      })
  void a_purge_and_an_invalidation_take_every_kind_of_selector(String parameters) {
    for (String operation : List.of("purge", "invalidate")) {
      JsonNode command = submit(operation, parameters).status(202).json();

      JsonNode told = federation.poller("alpha/lax-01").leaseOne().json();
      assertThat(told.path("operation").asString()).isEqualTo(operation);
      assertThat(told.path("parameters")).isEqualTo(command.path("parameters"));
      federation
          .poller("alpha/lax-01")
          .report(Edge.item(command.path("id").asString(), 1, "succeeded"));
    }
  }

  @Test
  void a_load_takes_urls_only() {
    submit("load", "{\"urls\": [\"https://www.acme.example/a\"]}").status(202);
    submit("load", "{\"prefixes\": [\"https://www.acme.example/a\"]}")
        .invalidAt("/parameters/prefixes");
    submit("load", "{\"urls\": [\"https://www.acme.example/a\"], \"everything\": true}")
        .invalidAt("/parameters/everything");
    submit("load", "{\"patterns\": [\"/a*\"], \"regexes\": [\"a\"], \"tags\": [\"t\"]}")
        .invalidAt("/parameters/patterns", "/parameters/regexes", "/parameters/tags");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | /parameters",
        "{\"urls\": []} | /parameters/urls",
        "{\"urls\": \"https://www.acme.example/\"} | /parameters/urls",
        "{\"everything\": false} | /parameters/everything",
        "{\"everything\": \"yes\"} | /parameters/everything",
        "{\"tags\": [\"\"]} | /parameters/tags/0",
        "{\"tags\": [\"a b\"]} | /parameters/tags/0",
        "{\"tags\": [\"a\\u0000\"]} | /parameters/tags/0",
        "{\"patterns\": [\"\"]} | /parameters/patterns/0",
        "{\"patterns\": [\"a*\"]} | /parameters/patterns/0",
        "{\"patterns\": [\"/a$b\"]} | /parameters/patterns/0",
        "{\"patterns\": [{\"pattern\": \"/a\", \"colour\": 1}]} | /parameters/patterns/0/colour",
        "{\"regexes\": [\"(a+)+$\"]} | /parameters/regexes/0",
        "{\"regexes\": [\"a(?=b)\"]} | /parameters/regexes/0",
        "{\"regexes\": [\"(a)\\\\1\"]} | /parameters/regexes/0",
        "{\"regexes\": [\"a\\nb\"]} | /parameters/regexes/0",
        "{\"everything\": true, \"objects\": 1} | /parameters/objects"
      })
  void what_cannot_be_a_selector_is_refused_by_its_place(String parameters, String pointer) {
    Api.Answer answer = submit("purge", parameters);

    answer.problem(400, "invalid");
    assertThat(answer.pointers()).contains(pointer);
  }

  @ParameterizedTest(name = "{index}")
  @ValueSource(
      strings = {
        "https://www.other.example/a",
        "https://acme.example/a",
        "https://img.acme.example/a",
        "https://www.acme.example.evil.example/",
        "https://www.acme.example@evil.example/",
        "https://www.acme.example:8443/a",
        "https://www.acme.example/../../etc/passwd",
        "https://www.acme.example/%2e%2e/x",
        "https://www.acme.example/a%2f..%2fb",
        "https://www.acme.example/a\\\\b",
        "https://www.acme.example/a b",
        "https://www.acme.example/a\\\"b",
        "https://www.acme.example/a\\nb",
        "https://www.acme.example/a\\r\\nHost: x",
        "https://www.acme.example/a\\u0000",
        "https://www.acme.example/%00",
        "https://www.acme.example/%0a",
        "https://www.acme.example/%",
        "https://www.acme.example/a#part",
        "//www.acme.example/a",
        "/a",
        "ftp://www.acme.example/a",
        "javascript:alert(1)",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://2130706433/"
      })
  void a_url_that_is_none_of_the_configurations_or_could_mean_two_things_is_refused(String url) {
    for (String kind : List.of("urls", "prefixes")) {
      submit("purge", "{\"" + kind + "\": [\"https://www.acme.example/ok\", \"" + url + "\"]}")
          .invalidAt("/parameters/" + kind + "/1");
    }
  }

  @Test
  void at_most_so_many_wide_selectors_stand_in_one_command() {
    String tags = "\"t\",".repeat(200);
    submit("purge", "{\"tags\": [" + tags + "\"t\"]}").invalidAt("/parameters");
    submit("purge", "{\"tags\": [" + tags.substring(0, tags.length() - 1) + "]}").status(202);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "{\"patterns\": [\"/a*\"]}",
        "{\"regexes\": [\"a\"]}",
        "{\"tags\": [\"t\"]}",
        "{\"everything\": true}",
        "{\"urls\": [\"https://www.acme.example/a\"], \"everything\": true}"
      })
  void selectors_without_a_host_need_a_configuration_as_target(String parameters) {
    for (String target :
        List.of(
            "{\"servers\": [\"alpha/lax-01\"]}", "{\"selector\": {\"regions\": [\"us-west\"]}}")) {
      CommandJson.of("purge")
          .target(target)
          .parameters(parameters)
          .post(server.operator())
          .invalidAt("/parameters");
    }
  }

  @Test
  void with_servers_all_hosts_belong_to_one_configuration_that_is_deployed_there() {
    CommandJson both =
        CommandJson.purge("x", "https://www.acme.example/a", "https://www.other.example/a");
    both.target("{\"servers\": [\"alpha/lax-01\"]}")
        .post(server.operator())
        .invalidAt("/parameters");
    CommandJson.purge("x", "https://www.nobody.example/a")
        .target("{\"servers\": [\"alpha/lax-01\"]}")
        .post(server.operator())
        .invalidAt("/parameters");
    CommandJson.purge()
        .target("{\"servers\": [\"beta/fra-02\"]}")
        .post(server.operator())
        .invalidAt("/target/servers/0");

    JsonNode command =
        CommandJson.purge().target("{\"servers\": [\"alpha/lax-01\"]}").submit(server.operator());
    assertThat(command.path("origin").asString()).isEqualTo("alpha");
    JsonNode told = federation.poller("alpha/lax-01").leaseOne().json();
    assertThat(told.path("configuration").path("name").asString()).isEqualTo("alpha/acme-www");
  }

  @Test
  void with_a_selector_servers_without_the_configuration_are_left_out() {
    JsonNode command =
        CommandJson.purge()
            .target("{\"selector\": {\"participants\": [\"alpha\"]}}")
            .submit(server.operator());

    assertThat(command.path("totals").path("targeted").asInt()).isEqualTo(1);
    assertThat(federation.stands(command.path("id").asString(), "alpha/lax-01"))
        .isEqualTo("pending");
  }
}
