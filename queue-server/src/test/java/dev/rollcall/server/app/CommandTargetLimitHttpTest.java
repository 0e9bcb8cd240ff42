// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A submit costs what it is worth: names are bounded, and each is looked up once. */
final class CommandTargetLimitHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  private static String names(int count, IntFunction<String> name) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"" + name.apply(i) + "\"")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static Api.Answer submit(String target) {
    return CommandJson.purge().target(target).post(server.operator());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"configuration\": \"alpha/acme-www\", \"regions\": %s} | /target/regions | 1000",
        "{\"configuration\": \"alpha/acme-www\", \"participants\": %s} | /target/participants |"
            + " 1000",
        "{\"selector\": {\"regions\": %s}} | /target/selector/regions | 1000",
        "{\"selector\": {\"participants\": %s}} | /target/selector/participants | 1000",
        "{\"servers\": %s} | /target/servers | 10000"
      })
  void more_names_than_are_allowed_are_refused_before_any_is_looked_up(
      String target, String pointer, int most) {
    Api.Answer answer = submit(target.formatted(names(most + 1, i -> "n" + i)));

    answer.invalidAt(pointer);
    assertThat(answer.messageAt(pointer))
        .isEqualTo("has %d different names; at most %d are allowed".formatted(most + 1, most));
    List<String> looked = submit(target.formatted(names(most, i -> "n" + i))).pointers();
    assertThat(looked).hasSize(100).contains(pointer + "/0", pointer + "/99");
  }

  @Test
  void doubles_are_taken_for_one_name_where_it_stands_first() {
    submit(
            "{\"configuration\": \"alpha/acme-www\", \"regions\": "
                + names(200_000, i -> i == 0 ? "us-west" : "q")
                + "}")
        .invalidAt("/target/regions/1");
    String id =
        CommandJson.purge()
            .target("{\"servers\": " + names(20_000, i -> "alpha/lax-01") + "}")
            .id(server.operator());
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
  }

  @Test
  void what_a_participant_knows_is_what_it_has_and_where_its_configurations_run() {
    Api alpha = federation.as("participant", "alpha");
    Api beta = federation.as("participant", "beta");
    String target = "{\"configuration\": \"%s\", \"regions\": [\"us-west\", \"eu-central\"]}";

    CommandJson.purge().target(target.formatted("alpha/acme-www")).post(alpha).status(202);
    CommandJson.purge("beta/bravo", "https://www.bravo.example/")
        .target(target.formatted("beta/bravo"))
        .post(beta)
        .invalidAt("/target/regions/0");
    CommandJson.purge()
        .target("{\"servers\": [\"alpha/lax-02\", \"beta/fra-01\", \"beta/fra-02\"]}")
        .post(alpha)
        .invalidAt("/target/servers/2");
  }
}
