// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeDriver;
import dev.rollcall.edge.fake.HostileParameters;
import dev.rollcall.protocol.edge.PollAnswer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class TranslationTest {
  private final FakeDriver driver = new FakeDriver();

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "refresh|{\"urls\": [\"https://www.acme.example/a\"]}|unsupported",
        "load|{\"urls\": [\"https://www.acme.example/a\"]}|unsupported",
        "load|{\"everything\": true}|invalid",
        "invalidate|{\"urls\": [\"https://www.acme.example/a\"]}|unsupported",
        "purge|{\"urls\": [\"https://www.other.example/a\"]}|policy",
        "purge|{\"prefixes\": [\"https://acme.example/\"]}|policy",
        "purge|{\"urls\": [\"/a\"]}|invalid",
        "purge|{\"url\": [\"https://www.acme.example/a\"]}|invalid",
        "purge|{}|invalid",
        "purge|[]|invalid",
        "purge|{\"urls\": [\"https://www.acme.example/a\"], \"more\": 1}|invalid",
      })
  void what_cannot_be_asked_of_this_cache_is_refused(
      String operation, String parameters, String code) {
    assertThat(translate(Executions.of("c", operation, parameters)))
        .isInstanceOfSatisfying(
            Translation.Refused.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(code);
              assertThat(refused.message()).isNotBlank();
            });
  }

  @Test
  void an_operation_within_no_configuration_is_refused() {
    PollAnswer.Execution e = Executions.purge("c", "https://www.acme.example/a").build();
    var without =
        new PollAnswer.Execution(
            e.command(), 1, 1, "purge", e.parameters(), null, "", 60, 60, null);

    assertThat(Translation.of(without, driver.abilities()))
        .extracting("code")
        .isEqualTo(Translation.POLICY);
  }

  @Test
  void a_configuration_whose_hosts_cannot_be_read_covers_nothing() {
    for (List<String> hosts : List.of(List.<String>of(), List.of("localhost"), List.of("*"))) {
      Executions execution =
          Executions.of("c", "purge", "{\"everything\": true}")
              .in("alpha/x", hosts.toArray(String[]::new));
      assertThat(translate(execution)).extracting("code").isEqualTo(Translation.INVALID);
    }
  }

  @Test
  void parameters_reach_the_cache_in_their_normal_form_only() {
    assertThat(translate(Executions.purge("c", "HTTP://WWW.Acme.Example:80/a/../%7eb")))
        .isInstanceOfSatisfying(
            Translation.Task.class,
            task ->
                assertThat(task.task().selectors().urls().getFirst())
                    .hasToString("http://www.acme.example/~b"));
  }

  @Test
  void what_can_only_be_done_wider_is_done_where_that_is_allowed() {
    var invalidate =
        Executions.of("c", "invalidate", "{\"urls\": [\"https://www.acme.example/a\"]}");

    assertThat(translate(invalidate)).extracting("message").asString().contains("degrade: widen");
    assertThat(translate(invalidate.widen())).isInstanceOf(Translation.Task.class);
  }

  @ParameterizedTest(name = "{index}: {0}")
  @MethodSource(HostileParameters.ALL)
  void no_hostile_parameters_name_another_configurations_host(String parameters) {
    if (translate(Executions.of("c", "purge", parameters)) instanceof Translation.Task(var task)) {
      assertThat(task.selectors().hosts()).allMatch(task::covers);
      assertThat(task.selectors().toJson().toString()).doesNotContain(" ", "\\n", "\\r");
    }
  }

  private Translation translate(Executions execution) {
    return Translation.of(execution.build(), driver.abilities());
  }
}
