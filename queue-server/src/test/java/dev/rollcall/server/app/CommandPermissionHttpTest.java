// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What an exposure, a quota or a server's abilities forbid, with partial and without; dry runs. */
final class CommandPermissionHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final String MANIFEST =
      """
      participants:
        - name: alpha
          delivery: poll
          servers: [{name: lax-01}]
          configurations:
            - {name: www, hosts: [www.alpha.example, img.alpha.example], deployments: [alpha/lax-01, "beta/*", "delta/*"]}
        - name: beta
          delivery: poll
          servers: [{name: fra-01}, {name: fra-02}]
          exposures:
            - {to: alpha, servers: [fra-01], operations: [purge], hosts: [www.alpha.example], commandsPerMinute: 2}
        - name: delta
          delivery: poll
          servers: [{name: fra-01}, {name: fra-02}]
          exposures:
            - {to: alpha, servers: [fra-01], operations: [purge], hosts: [www.alpha.example], commandsPerMinute: 2}
      """;

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server, MANIFEST);
  }

  private static CommandJson purge() {
    return CommandJson.purge("alpha/www", "https://www.alpha.example/a");
  }

  private static CommandJson purgeOnly(String participant) {
    return purge()
        .target("{\"configuration\": \"alpha/www\", \"participants\": [\"" + participant + "\"]}");
  }

  private static int commands() {
    return server
        .database()
        .jdbi()
        .withHandle(handle ->
            handle.createQuery("select count(*) from command").mapTo(Integer.class).one());
  }

  @Test
  void what_an_exposure_forbids_ends_rejected_at_once() {
    JsonNode command = purge().submit(server.operator());
    String id = command.path("id").asString();

    assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("pending");
    assertThat(federation.stands(id, "beta/fra-02")).isEqualTo("rejected exposure");
    assertThat(command.path("totals").path("rejected").asInt()).isEqualTo(2);
    assertThat(command.path("state").asString()).isEqualTo("active");
    assertThat(federation.poller("beta/fra-02").lease(10)).isEmpty();
  }

  @Test
  void an_exposure_holds_for_its_operations_and_hosts_only() {
    CommandJson load =
        CommandJson.of("load")
            .target("{\"configuration\": \"alpha/www\"}")
            .parameters("{\"urls\": [\"https://www.alpha.example/a\"]}");
    CommandJson image = CommandJson.purge("alpha/www", "https://img.alpha.example/a");
    CommandJson everything = purge().parameters("{\"everything\": true}");
    CommandJson pattern = purge().parameters("{\"patterns\": [\"/a*\"]}");

    for (CommandJson wide : new CommandJson[] {load, image, everything, pattern}) {
      String id = wide.id(server.operator());
      assertThat(federation.stands(id, "beta/fra-01"))
          .as("%s", wide)
          .isEqualTo("rejected exposure");
      assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
    }
  }

  @Test
  void when_all_is_forbidden_the_command_has_failed_at_once() {
    JsonNode command =
        CommandJson.purge("alpha/www", "https://img.alpha.example/a")
            .target("{\"configuration\": \"alpha/www\", \"participants\": [\"beta\"]}")
            .submit(server.operator());

    assertThat(command.path("state").asString()).isEqualTo("failed");
    assertThat(command.path("completedAt").isNull()).isFalse();
    assertThat(command.path("totals").path("rejected").asInt()).isEqualTo(2);
  }

  @Test
  void without_partial_the_whole_is_refused_and_nothing_is_stored() {
    int before = commands();

    Api.Answer answer = purge().option("partial", "false").post(server.operator());

    answer.problem(409, "conflict");
    assertThat(answer.text()).contains("beta/fra-02: exposure", "delta/fra-02: exposure");
    assertThat(commands()).isEqualTo(before);
    assertThat(federation.poller("alpha/lax-01").lease(10)).isEmpty();
  }

  @Test
  void without_partial_what_is_allowed_everywhere_is_accepted() {
    purge()
        .target("{\"servers\": [\"alpha/lax-01\", \"beta/fra-01\"]}")
        .option("partial", "false")
        .post(server.operator())
        .status(202);
  }

  @Test
  void beyond_the_rate_of_an_exposure_executions_end_rejected_quota() {
    purgeOnly("beta").id(server.operator());
    purgeOnly("beta").id(server.operator());

    String third = purgeOnly("beta").id(server.operator());

    assertThat(federation.stands(third, "beta/fra-01")).isEqualTo("rejected quota");
    assertThat(federation.stands(third, "beta/fra-02")).isEqualTo("rejected exposure");
    purgeOnly("beta")
        .target("{\"servers\": [\"beta/fra-01\"]}")
        .option("partial", "false")
        .post(server.operator())
        .problem(409, "conflict");
  }

  @Test
  void each_participant_counts_its_own_rate_also_when_two_exposures_are_alike() {
    purge().id(server.operator());
    purge().id(server.operator());

    String third = purgeOnly("delta").id(server.operator());

    assertThat(federation.stands(third, "delta/fra-01")).isEqualTo("rejected quota");
    assertThat(federation.stands(purge().id(server.operator()), "alpha/lax-01"))
        .isEqualTo("pending");
  }

  @Test
  void a_command_that_was_not_accepted_uses_up_no_rate() {
    for (int i = 0; i < 5; i++) {
      purge().option("partial", "false").post(server.operator()).problem(409, "conflict");
      server.operator().post("/v1/commands?dryRun=true", purge().toString()).status(200);
    }

    String id = purge().id(server.operator());
    assertThat(federation.stands(id, "beta/fra-01")).isEqualTo("pending");
    assertThat(federation.stands(purge().id(server.operator()), "beta/fra-01"))
        .isEqualTo("pending");
  }

  @Test
  void a_repeated_submit_uses_up_no_rate() {
    var key = java.util.Map.of("Idempotency-Key", "one-purge");
    var first = Later.run(() -> server.operator().post("/v1/commands", purge().toString(), key));
    for (int i = 0; i < 5; i++) {
      server.operator().post("/v1/commands", purge().toString(), key).status(202);
    }
    Later.within(first).status(202);

    assertThat(federation.stands(purge().id(server.operator()), "beta/fra-01"))
        .isEqualTo("pending");
  }

  @Test
  void what_a_server_says_it_cannot_do_ends_rejected_unsupported() {
    federation
        .poller("alpha/lax-01")
        .poll(
            "{\"capacity\": 0, \"poller\": {\"instance\": \"i\", \"operations\": [\"load\","
                + " \"invalidate\"]}}");

    await("its abilities are known")
        .until(() ->
            federation
                .stands(purge().id(server.operator()), "alpha/lax-01")
                .equals("rejected unsupported"));
    Api.Answer whole =
        purge()
            .target("{\"servers\": [\"alpha/lax-01\"]}")
            .option("partial", "false")
            .post(server.operator());
    whole.problem(409, "conflict");
    assertThat(whole.text()).contains("alpha/lax-01: unsupported");
    CommandJson load =
        CommandJson.of("load")
            .target("{\"servers\": [\"alpha/lax-01\"]}")
            .parameters("{\"urls\": [\"https://www.alpha.example/a\"]}");
    assertThat(federation.stands(load.id(server.operator()), "alpha/lax-01")).isEqualTo("pending");
  }

  @Test
  void a_dry_run_tells_the_targets_and_what_would_be_rejected_and_stores_nothing() {
    int before = commands();

    Api.Answer answer = server.operator().post("/v1/commands?dryRun=true", purge().toString());

    JsonNode found = answer.status(200).json();
    assertThat(found.path("dryRun").asBoolean()).isTrue();
    assertThat(found.path("targeted").asInt()).isEqualTo(5);
    assertThat(found.path("rejected").asInt()).isEqualTo(2);
    JsonNode beta = found.path("participants").get(1);
    assertThat(beta.path("participant").asString()).isEqualTo("beta");
    assertThat(beta.path("servers").toString()).isEqualTo("[\"beta/fra-01\",\"beta/fra-02\"]");
    assertThat(beta.path("rejected").path("exposure").toString()).isEqualTo("[\"beta/fra-02\"]");
    assertThat(commands()).isEqualTo(before);
    assertThat(federation.poller("alpha/lax-01").lease(10)).isEmpty();
  }

  @Test
  void a_dry_run_refuses_what_a_submit_refuses() {
    String unknown = purgeOnly("omega").toString();
    String whole = purge().option("partial", "false").toString();
    server.operator().post("/v1/commands?dryRun=true", unknown).invalidAt("/target/participants/0");
    server.operator().post("/v1/commands?dryRun=true", whole).problem(409, "conflict");
    server.operator().post("/v1/commands?dryrun=true", whole).invalidAt("/query/dryrun");
    server.operator().post("/v1/commands?dryRun=1", whole).invalidAt("/query/dryRun");
  }

  @Test
  void a_dry_run_takes_no_idempotency_key() {
    var key = java.util.Map.of("Idempotency-Key", "dry");
    server.operator().post("/v1/commands?dryRun=true", purge().toString(), key).status(200);

    Api.Answer real =
        server.operator().post("/v1/commands", purge().option("maxAttempts", "7").toString(), key);
    real.status(202);
    assertThat(real.headers()).doesNotContainKey("Idempotent-Replayed");
  }

  @Test
  void operators_command_on_behalf_of_the_configurations_participant() {
    JsonNode command = purge().submit(server.operator());
    JsonNode byAlpha = purge().submit(federation.as("participant", "alpha"));

    assertThat(command.path("origin")).isEqualTo(byAlpha.path("origin"));
    assertThat(command.path("totals")).isEqualTo(byAlpha.path("totals"));
  }

  @Test
  void the_owner_of_a_server_may_command_a_foreign_configuration_on_it() {
    Api beta = federation.as("participant", "beta");

    JsonNode command =
        purge().target("{\"servers\": [\"beta/fra-01\", \"beta/fra-02\"]}").submit(beta);

    assertThat(command.path("origin").asString()).isEqualTo("beta");
    assertThat(command.path("totals").path("pending").asInt()).isEqualTo(2);
    purge().post(beta).problem(403, "forbidden");
  }
}
