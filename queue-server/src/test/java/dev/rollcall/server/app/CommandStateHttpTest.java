// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The words for a command's state, and its version. */
final class CommandStateHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Edge lax;
  private Edge fra;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    lax = federation.poller("alpha/lax-01");
    fra = federation.poller("beta/fra-01");
  }

  private static String purge() {
    return CommandJson.purge().id(server.operator());
  }

  private String states(String id) {
    JsonNode command = federation.command(id);
    return command.path("state").asString()
        + " "
        + command.path("participants").get(0).path("state").asString()
        + " "
        + command.path("participants").get(1).path("state").asString();
  }

  private long version(String id) {
    return federation.command(id).path("version").asLong();
  }

  private static void cancel(String id) {
    server.operator().post("/v1/commands/" + id + "/cancel").status(202);
  }

  @Test
  void it_is_active_once_anything_was_handed_out_and_complete_when_all_succeeded() {
    String id = purge();
    assertThat(states(id)).isEqualTo("pending pending pending");

    Edge.Lease one = lax.leaseOne();
    assertThat(states(id)).isEqualTo("active active pending");
    assertThat(federation.total(id, "leased")).isEqualTo(1);
    lax.report(one, "released");
    assertThat(states(id)).isEqualTo("active active pending");
    assertThat(federation.total(id, "leased")).isZero();

    lax.work();
    assertThat(states(id)).isEqualTo("active complete pending");
    fra.work();
    assertThat(states(id)).isEqualTo("complete complete complete");
  }

  @Test
  void a_submit_is_answered_as_of_its_acceptance_whoever_has_been_quick_since() {
    var parked = lax.pollLater("{\"capacity\": 1, \"waitSeconds\": 30}");

    JsonNode accepted = CommandJson.purge().post(server.operator()).status(202).json();

    assertThat(accepted.path("asOf").asString()).isEqualTo(accepted.path("createdAt").asString());
    assertThat(accepted.path("totals").path("pending").asInt()).isEqualTo(2);
    assertThat(accepted.path("totals").path("leased").asInt()).isZero();
    assertThat(parked.join().status(200).json().path("executions")).hasSize(1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"failed", "rejected"})
  void it_has_failed_when_any_did_not_succeed(String outcome) {
    String id = purge();
    lax.report(lax.leaseOne(), outcome, "\"retry\": false");
    assertThat(states(id)).isEqualTo("active failed pending");

    fra.work();

    assertThat(states(id)).isEqualTo("failed failed complete");
  }

  @Test
  void it_is_cancelling_while_a_lease_lives_and_cancelled_when_something_ended_so() {
    String id = purge();
    Edge.Lease lease = lax.leaseOne();

    cancel(id);
    assertThat(states(id)).isEqualTo("cancelling cancelling cancelled");

    lax.report(lease, "succeeded");
    assertThat(states(id)).isEqualTo("cancelled complete cancelled");
  }

  @Test
  void cancelled_too_late_for_everything_it_is_what_it_would_have_been() {
    String good = purge();
    Edge.Lease one = lax.leaseOne();
    Edge.Lease two = fra.leaseOne();
    cancel(good);
    assertThat(states(good)).isEqualTo("cancelling cancelling cancelling");
    lax.report(one, "succeeded");
    fra.report(two, "succeeded");
    assertThat(states(good)).isEqualTo("complete complete complete");

    String bad = purge();
    one = lax.leaseOne();
    two = fra.leaseOne();
    cancel(bad);
    lax.report(one, "rejected");
    fra.report(two, "succeeded");
    assertThat(states(bad)).isEqualTo("failed failed complete");
  }

  @Test
  void its_totals_always_add_up() {
    String id = purge();
    List<Runnable> steps =
        List.of(
            () -> lax.report(lax.leaseOne(), "released"),
            () -> lax.report(lax.leaseOne(), "failed"),
            () -> fra.leaseOne(),
            () -> cancel(id),
            () -> fra.report(Edge.item(id, 1, "failed")));
    for (Runnable step : steps) {
      step.run();
      JsonNode totals = federation.command(id).path("totals");
      int sum = 0;
      for (Map.Entry<String, JsonNode> total : totals.properties()) {
        sum += total.getKey().equals("targeted") ? 0 : total.getValue().asInt();
      }
      assertThat(sum).as("%s", totals).isEqualTo(totals.path("targeted").asInt());
    }
    assertThat(states(id)).isEqualTo("cancelled cancelled cancelled");
  }

  @Test
  void the_version_grows_with_the_state_or_an_ended_count_and_only_then() {
    String id = purge();
    List<Long> versions = new ArrayList<>(List.of(version(id)));
    Edge.Lease lease = lax.leaseOne(); // pending to active
    versions.add(version(id));
    assertThat(versions.get(1)).isGreaterThan(versions.get(0));

    lax.report(lease, "released");
    lax.leaseOne();
    fra.leaseOne();
    lax.api().post("/v1/edge/leases", "{\"leases\": []}").status(200);
    assertThat(version(id)).as("only pending and leased moved").isEqualTo(versions.get(1));

    lax.report(Edge.item(id, 2, "succeeded"));
    versions.add(version(id));
    cancel(id);
    versions.add(version(id));
    cancel(id);
    assertThat(version(id)).as("cancel asked again").isEqualTo(versions.getLast());
    fra.report(Edge.item(id, 1, "failed"));
    versions.add(version(id));

    assertThat(versions).isSorted().doesNotHaveDuplicates();
    assertThat(version(id)).isEqualTo(versions.getLast());
    cancel(id);
    assertThat(version(id)).as("cancel of an ended command").isEqualTo(versions.getLast());
  }

  @Test
  void the_etag_is_the_version_and_a_known_one_is_not_sent_again() {
    String id = purge();
    Api.Answer answer = server.operator().get("/v1/commands/" + id);
    String tag = String.valueOf(answer.headers().get("ETag"));
    assertThat(tag).isEqualTo("\"" + answer.json().path("version").asLong() + "\"");

    for (String known : List.of(tag, "W/" + tag, "*", "\"x\", " + tag, "\"x\" ,W/" + tag)) {
      Api.Answer again =
          server.operator().get("/v1/commands/" + id, Map.of("If-None-Match", known));
      assertThat(again.status()).as(known).isEqualTo(304);
      assertThat(again.text()).isEmpty();
      assertThat(again.headers()).containsEntry("ETag", tag);
    }
    for (String other : List.of("\"999\"", "999", "\"\"", "")) {
      server.operator().get("/v1/commands/" + id, Map.of("If-None-Match", other)).status(200);
    }
    lax.leaseOne();
    server.operator().get("/v1/commands/" + id, Map.of("If-None-Match", tag)).status(200);
  }

  @Test
  void a_wait_ends_when_the_version_has_moved_on() {
    String id = purge();
    String path = "/v1/commands/" + id + "?waitSeconds=60&sinceVersion=";
    long version = version(id);

    var waiting = Later.run(() -> server.operator().get(path + version));
    lax.leaseOne();
    JsonNode active = Later.within(waiting).status(200).json();
    assertThat(active.path("state").asString()).isEqualTo("active");
    assertThat(active.path("version").asLong()).isGreaterThan(version);

    var more = Later.run(() -> server.operator().get(path + active.path("version").asLong()));
    lax.report(Edge.item(id, 1, "succeeded"));
    assertThat(Later.within(more).json().path("totals").path("succeeded").asInt()).isEqualTo(1);
  }

  @Test
  void a_wait_for_what_has_happened_is_over_at_once() {
    String id = purge();
    lax.work();
    fra.work();
    long version = version(id);

    Api operator = server.operator();
    var before =
        Later.run(() -> operator.get("/v1/commands/" + id + "?waitSeconds=60&sinceVersion=0"));
    var ended =
        Later.run(
            () -> operator.get("/v1/commands/" + id + "?waitSeconds=60&sinceVersion=" + version));

    assertThat(Later.within(before).json().path("version").asLong()).isEqualTo(version);
    assertThat(Later.within(ended).json().path("state").asString()).isEqualTo("complete");
  }

  @Test
  void a_wait_in_vain_answers_the_command_as_it_is() {
    String id = purge();
    long version = version(id);

    JsonNode command =
        server
            .operator()
            .get("/v1/commands/" + id + "?waitSeconds=1&sinceVersion=" + version)
            .status(200)
            .json();

    assertThat(command.path("version").asLong()).isEqualTo(version);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "waitSeconds=61",
        "waitSeconds=-1",
        "waitSeconds=x",
        "waitSeconds=1.5",
        "sinceVersion=-2",
        "sinceVersion=99999999999999999999",
        "sinceversion=1",
        "waitSeconds="
      })
  void a_wait_that_makes_no_sense_is_refused(String query) {
    Api.Answer answer = server.operator().get("/v1/commands/" + purge() + "?" + query);
    answer.invalidAt("/query/" + query.split("=", 2)[0]);
  }

  @Test
  void asOf_is_the_moment_of_the_answer() {
    String id = purge();

    JsonNode first = federation.command(id);
    JsonNode second = federation.command(id);

    assertThat(java.time.Instant.parse(second.path("asOf").asString()))
        .isAfter(java.time.Instant.parse(first.path("asOf").asString()));
  }
}
