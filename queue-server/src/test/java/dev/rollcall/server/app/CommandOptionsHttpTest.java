// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.json.Json;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The options of a command: what is allowed, what is the default, and the answer to a submit. */
final class CommandOptionsHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  private static Api.Answer submit(CommandJson command) {
    return command.post(server.operator());
  }

  @Test
  void an_accepted_command_is_answered_whole() {
    Api.Answer answer = submit(CommandJson.purge());

    answer.status(202);
    JsonNode command = answer.json();
    String id = command.path("id").asString();
    assertThat(answer.headers()).containsEntry("Location", "/v1/commands/" + id);
    assertThat(answer.headers())
        .containsEntry("ETag", "\"" + command.path("version").asLong() + "\"");
    assertThat(command.path("operation").asString()).isEqualTo("purge");
    assertThat(command.path("state").asString()).isEqualTo("pending");
    assertThat(command.path("origin").asString()).isEqualTo("alpha");
    assertThat(command.path("target").path("configuration").asString()).isEqualTo("alpha/acme-www");
    assertThat(command.path("parameters").path("urls").get(0).asString())
        .isEqualTo("https://www.acme.example/a.js");
    assertThat(command.path("completedAt").isNull()).isTrue();
    assertThat(Instant.parse(command.path("createdAt").asString()))
        .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(5));
    assertThat(Instant.parse(command.path("asOf").asString()))
        .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(5));
    assertThat(command.path("totals").toString())
        .isEqualTo(
            "{\"targeted\":2,\"pending\":2,\"leased\":0,\"succeeded\":0,\"failed\":0,"
                + "\"rejected\":0,\"expired\":0,\"cancelled\":0,\"processed\":0}");
    assertThat(command.path("participants")).hasSize(2);
    JsonNode beta = command.path("participants").get(1);
    assertThat(beta.path("participant").asString()).isEqualTo("beta");
    assertThat(beta.path("delivery").asString()).isEqualTo("poll");
    assertThat(beta.path("state").asString()).isEqualTo("pending");
    assertThat(beta.path("totals").path("targeted").asInt()).isEqualTo(1);
  }

  @Test
  void what_was_answered_is_what_is_read() {
    Api.Answer answer = submit(CommandJson.purge());

    JsonNode read = federation.command(answer.json().path("id").asString());
    for (String field :
        new String[] {"operation", "state", "target", "parameters", "options", "createdAt"}) {
      assertThat(read.path(field)).as(field).isEqualTo(answer.json().path(field));
    }
  }

  @Test
  void the_defaults_are_those_of_the_contract() {
    assertThat(submit(CommandJson.purge()).json().path("options"))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"orderingKey": "alpha/acme-www", "lane": "normal", "deadlineSeconds": 86400, "leaseSeconds": 60,
                 "maxAttempts": 5, "partial": true, "degrade": "refuse"}
                """));
  }

  @Test
  void the_default_lane_of_a_load_is_bulk() {
    CommandJson load =
        CommandJson.of("load")
            .target("{\"configuration\": \"alpha/acme-www\"}")
            .parameters("{\"urls\": [\"https://www.acme.example/a\"]}");

    assertThat(submit(load).json().path("options").path("lane").asString()).isEqualTo("bulk");
    assertThat(submit(load.text("lane", "urgent")).json().path("options").path("lane").asString())
        .isEqualTo("urgent");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "{\"servers\": [\"alpha/lax-01\"]}",
        "{\"selector\": {\"regions\": [\"us-west\"], \"labels\": {\"tier\": \"edge\"}}}"
      })
  void other_targets_have_no_ordering_key_by_default(String target) {
    JsonNode command = submit(CommandJson.purge().target(target)).status(202).json();

    assertThat(command.path("options").path("orderingKey").asString()).isEmpty();
    assertThat(federation.poller("alpha/lax-01").leaseOne().json().path("orderingKey").asString())
        .isEmpty();
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "deadlineSeconds, 1",
    "deadlineSeconds, 2592000",
    "leaseSeconds, 1",
    "leaseSeconds, 3600",
    "maxAttempts, 1",
    "maxAttempts, 100",
    "partial, true",
    "partial, false",
    "orderingKey, '\"\"'",
    "orderingKey, '\"ğüş/İ\"'",
    "lane, '\"urgent\"'",
    "lane, '\"normal\"'",
    "lane, '\"bulk\"'",
    "degrade, '\"refuse\"'",
    "degrade, '\"widen\"'"
  })
  void a_value_within_its_range_is_taken(String option, String value) {
    JsonNode command = submit(CommandJson.purge().option(option, value)).status(202).json();

    assertThat(command.path("options").path(option).toString()).isEqualTo(value);
    JsonNode handed = federation.poller("alpha/lax-01").leaseOne().json();
    if (handed.has(option) && !option.endsWith("Seconds")) {
      assertThat(handed.path(option).toString()).isEqualTo(value);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "deadlineSeconds, 0",
    "deadlineSeconds, -1",
    "deadlineSeconds, 2592001",
    "deadlineSeconds, 99999999999999999999",
    "deadlineSeconds, 1.5",
    "deadlineSeconds, 1e3",
    "deadlineSeconds, '\"60\"'",
    "deadlineSeconds, true",
    "leaseSeconds, 0",
    "leaseSeconds, 3601",
    "leaseSeconds, []",
    "maxAttempts, 0",
    "maxAttempts, 101",
    "maxAttempts, {}",
    "partial, '\"true\"'",
    "partial, 1",
    "orderingKey, 7",
    "orderingKey, '\"a\\u0000b\"'",
    "orderingKey, '\"a\\nb\"'",
    "orderingKey, '\"a\\ud800b\"'",
    "lane, '\"Normal\"'",
    "lane, '\"\"'",
    "lane, 1",
    "degrade, '\"narrow\"'",
    "notBefore, '\"tomorrow\"'",
    "notBefore, '\"2026-02-30T00:00:00Z\"'",
    "notBefore, '\"9999-01-01T00:00:00Z\"'",
    "notBefore, '\"+999999999-01-01T00:00:00Z\"'",
    "notBefore, 1767225600",
    "unknown, 1"
  })
  void a_value_beyond_its_range_is_refused_by_name(String option, String value) {
    submit(CommandJson.purge().option(option, value)).invalidAt("/options/" + option);
  }

  @Test
  void an_ordering_key_has_at_most_200_characters() {
    submit(CommandJson.purge().text("orderingKey", "k".repeat(200))).status(202);
    submit(CommandJson.purge().text("orderingKey", "k".repeat(201)))
        .invalidAt("/options/orderingKey");
  }

  @Test
  void null_is_the_same_as_not_given() {
    JsonNode command =
        submit(
                CommandJson.purge()
                    .option("lane", "null")
                    .option("notBefore", "null")
                    .option("maxAttempts", "null"))
            .status(202)
            .json();

    assertThat(command.path("options").path("lane").asString()).isEqualTo("normal");
    assertThat(command.path("options").path("maxAttempts").asInt()).isEqualTo(5);
  }

  @Test
  void notBefore_lies_at_most_30_days_ahead_in_any_zone() {
    Instant month = Instant.now().plus(Duration.ofDays(30));
    submit(CommandJson.purge().text("notBefore", month.minusSeconds(60).toString())).status(202);
    submit(CommandJson.purge().text("notBefore", month.plusSeconds(60).toString()))
        .invalidAt("/options/notBefore");

    JsonNode command =
        submit(CommandJson.purge().text("notBefore", "2020-01-01T05:45:00+05:45"))
            .status(202)
            .json();
    assertThat(command.path("totals").path("pending").asInt()).isEqualTo(2);
    assertThat(federation.poller("alpha/lax-01").lease(10)).hasSize(1);
  }

  @Test
  void all_problems_of_a_command_are_listed_at_once() {
    Api.Answer answer =
        server
            .operator()
            .post(
                "/v1/commands",
                """
                {"operation": "purge", "surprise": 1,
                 "target": {"configuration": "alpha/acme-www", "colour": "red"},
                 "parameters": {"urls": ["https://www.acme.example/a", "not a url", 7], "regexes": ["("]},
                 "options": {"lane": "slow", "maxAttempts": 0, "retries": 3}}
                """);

    answer.invalidAt(
        "/surprise",
        "/target/colour",
        "/parameters/urls/1",
        "/parameters/urls/2",
        "/parameters/regexes/0",
        "/options/lane",
        "/options/maxAttempts",
        "/options/retries");
  }

  @Test
  void unknown_names_in_a_target_are_listed_beside_all_else() {
    Api.Answer answer =
        server
            .operator()
            .post(
                "/v1/commands",
                """
                {"operation": "purge",
                 "target": {"configuration": "alpha/nothing"},
                 "parameters": {"urls": ["https://www.acme.example/%zz"]},
                 "options": {"lane": "slow"}}
                """);

    answer.invalidAt("/target/configuration", "/parameters/urls/0", "/options/lane");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "{}",
        "{\"operation\": \"purge\"}",
        "{\"operation\": null, \"target\": null, \"parameters\": null}",
        "{\"operation\": \"purge\", \"target\": {}, \"parameters\": {}}",
        "{\"operation\": \"purge\", \"target\": [], \"parameters\": []}",
        "{\"operation\": \"purge\", \"target\": \"alpha/acme-www\", \"parameters\": \"x\"}",
        "{\"operation\": 7, \"target\": 7, \"parameters\": 7, \"options\": 7}",
        "{\"operation\": \"explode\", \"target\": {\"configuration\": \"alpha/acme-www\"}}",
        "{\"operation\": \"Purge\", \"target\": {\"configuration\": \"alpha/acme-www\"},"
            + " \"parameters\": {\"urls\": [\"https://www.acme.example/\"]}}",
        "{\"operation\": \"purge\", \"target\": {\"configuration\": \"alpha/acme-www\"},"
            + " \"parameters\": {\"urls\": [\"https://www.acme.example/\"]}, \"options\": []}"
      })
  void a_command_lacking_what_it_needs_is_refused(String body) {
    Api.Answer answer = server.operator().post("/v1/commands", body);

    answer.problem(400, "invalid");
    assertThat(answer.pointers()).isNotEmpty().doesNotContain("");
  }

  @Test
  void a_lease_never_reaches_beyond_the_deadline() {
    submit(CommandJson.purge().option("deadlineSeconds", "20").option("leaseSeconds", "3600"));

    JsonNode handed = federation.poller("alpha/lax-01").leaseOne().json();
    assertThat(handed.path("leaseSeconds").asInt()).isBetween(1, 20);
    assertThat(handed.path("deadlineSeconds").asInt()).isBetween(1, 20);
  }
}
