// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What one participant lets another do, and for how long; suspended and resumed. */
final class ExposureHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final String EXPOSURES = "/v1/participants/beta/exposures";
  private static final String FRA = "beta/fra-01";

  private Federation federation;
  private Api beta;
  private Edge fra;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    beta = federation.as("participant", "beta");
    fra = federation.poller(FRA);
  }

  private static String purge() {
    return CommandJson.purge().id(server.operator());
  }

  private void suspend(String queued) {
    beta.put(EXPOSURES + "/alpha/suspension", "{\"queued\": \"" + queued + "\"}").status(201);
  }

  private void resume() {
    beta.delete(EXPOSURES + "/alpha/suspension").status(200);
  }

  private String stands(String id) {
    return federation.stands(id, FRA);
  }

  @Test
  void who_grants_it_makes_reads_replaces_and_withdraws_it() {
    beta.get(EXPOSURES + "/more").problem(404, "not-found");
    Api.Answer made =
        beta.put(
                EXPOSURES + "/more",
                "{\"to\": \"alpha\", \"servers\": [\"fra-02\"], \"operations\": [\"purge\"],"
                    + " \"hosts\": [\"*\"], \"until\": \"2099-01-01T00:00:00Z\"}")
            .status(201);
    Api.Answer read = beta.get(EXPOSURES + "/more").status(200);
    assertThat(read.text()).isEqualTo(made.text());
    assertThat(read.json().path("until").asString()).isEqualTo("2099-01-01T00:00:00Z");
    beta.put(EXPOSURES + "/more", read.text()).status(200);
    assertThat(beta.get(EXPOSURES).json().path("items")).hasSize(2);

    beta.put(
            EXPOSURES + "/more",
            "{\"to\": \"nobody\", \"servers\": [\"x-1\"], \"until\": \"soon\"}")
        .invalidAt("/until");
    beta.put(EXPOSURES + "/more", "{\"to\": \"nobody\", \"servers\": [\"x-1\"]}")
        .invalidAt("/to", "/servers");
    beta.put(EXPOSURES + "/more", "{\"to\": \"beta\"}").invalidAt("/to");
    beta.put(EXPOSURES + "/-", "{\"to\": \"alpha\"}").invalidAt("/name");
    beta.delete(EXPOSURES + "/more").status(200);
    beta.get(EXPOSURES + "/more").problem(404, "not-found");
  }

  @Test
  void nobody_else_touches_it() {
    Api alpha = federation.as("participant", "alpha");
    alpha.get(EXPOSURES + "/alpha").problem(404, "not-found");
    alpha.delete(EXPOSURES + "/alpha").problem(404, "not-found");
    alpha.put(EXPOSURES + "/alpha/suspension", "{}").problem(404, "not-found");
    alpha.delete(EXPOSURES + "/alpha/suspension").problem(404, "not-found");
    federation
        .as("reporter", "beta")
        .put(EXPOSURES + "/alpha/suspension", "{}")
        .problem(403, "forbidden");
    assertThat(beta.get(EXPOSURES).json().path("items")).hasSize(1);
  }

  @Test
  void withdrawing_it_ends_what_stood_under_it_and_nobody_can_keep_it_from_going() {
    String id = purge();

    Api.Answer gone = beta.delete(EXPOSURES + "/alpha").status(200);

    assertThat(gone.text()).contains("alpha/acme-www");
    assertThat(stands(id)).isEqualTo("rejected exposure");
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
    assertThat(
            server
                .operator()
                .get("/v1/participants/alpha/configurations/acme-www/deployments")
                .json()
                .path("deployments"))
        .hasSize(1);
  }

  @Test
  void it_ends_by_itself_and_with_it_what_stands_under_it() {
    String until = Instant.now().plusSeconds(3).toString();
    String body =
        "{\"to\": \"alpha\", \"servers\": [\"fra-01\"], \"operations\": [\"purge\"], \"hosts\":"
            + " [\"*\"], \"until\": \"%s\"}";
    beta.put(EXPOSURES + "/alpha", body.formatted(until)).status(200);
    String pending = purge();
    String leased = purge();
    assertThat(fra.lease(1)).hasSize(1);
    assertThat(stands(leased)).isEqualTo("pending");

    await("it has ended")
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            stands(pending).equals("rejected exposure")
                && stands(leased).equals("rejected exposure"));

    assertThat(Instant.now()).isAfter(Instant.parse(until));
    await("it is noted").until(() -> noted(beta).contains("exposure (expired) beta/alpha"));
    assertThat(stands(purge())).isEqualTo("rejected exposure");
    assertThat(fra.lease(10)).isEmpty();
    beta.put("/v1/participants/beta/servers/fra-03", "{}").status(201);
    assertThat(stands(purge())).isEqualTo("rejected exposure");
    beta.put(EXPOSURES + "/other", body.formatted("2020-01-01T00:00:00Z")).status(201);
    assertThat(stands(purge())).isEqualTo("rejected exposure");
    beta.put(EXPOSURES + "/alpha", body.formatted("2099-01-01T00:00:00Z")).status(200);
    assertThat(stands(purge())).isEqualTo("pending");
  }

  @Test
  void suspended_to_hold_it_keeps_what_is_queued_until_it_is_resumed() {
    String before = purge();
    suspend("hold");
    String during = purge();
    String own = CommandJson.purge("beta/bravo", "https://www.bravo.example/a").id(beta);

    assertThat(Edge.commands(fra.lease(10))).containsExactly(own);
    assertThat(stands(before)).isEqualTo("pending");
    assertThat(federation.execution(during, FRA).path("waitsFor").asString())
        .isEqualTo("exposure-suspended");
    assertThat(beta.get(EXPOSURES + "/alpha/suspension").status(200).text())
        .isEqualTo("{\"queued\":\"hold\"}");
    var parked = fra.pollLater("{\"capacity\": 10, \"waitSeconds\": 60}");
    server.awaitParked(1);

    resume();

    assertThat(Edge.commands(Edge.leases(Later.within(parked).status(200).json())))
        .containsExactly(before, during);
    beta.get(EXPOSURES + "/alpha/suspension").problem(404, "not-found");
    beta.delete(EXPOSURES + "/alpha/suspension").problem(404, "not-found");
  }

  @Test
  void a_lease_that_is_out_when_it_is_suspended_to_hold_is_not_broken() {
    purge();
    Edge.Lease lease = fra.leaseOne();

    suspend("hold");

    assertThat(fra.report(lease, "succeeded")).isEqualTo("accepted");
  }

  @Test
  void suspended_to_end_it_rejects_what_is_queued_leased_and_new() {
    String leased = purge();
    Edge.Lease lease = fra.leaseOne();
    String queued = purge();

    suspend("end");

    assertThat(stands(leased)).isEqualTo("rejected exposure");
    assertThat(stands(queued)).isEqualTo("rejected exposure");
    assertThat(fra.report(lease, "succeeded")).isEqualTo("stale");
    assertThat(stands(purge())).isEqualTo("rejected exposure");
    resume();
    assertThat(stands(purge())).isEqualTo("pending");
  }

  @Test
  void what_was_held_is_ended_when_whoever_suspended_it_changes_its_mind() {
    String id = purge();
    suspend("hold");
    beta.put(EXPOSURES + "/alpha/suspension", "{\"queued\": \"end\"}").status(200);

    assertThat(stands(id)).isEqualTo("rejected exposure");
    beta.put(EXPOSURES + "/alpha/suspension", "{\"queued\": \"perhaps\"}").invalidAt("/queued");
    beta.put(EXPOSURES + "/none/suspension", "{}").problem(404, "not-found");
  }

  @Test
  void a_manifest_that_knows_nothing_of_it_does_not_resume_it() {
    suspend("hold");
    federation.change(Federation.MANIFEST);
    federation.change(
        Federation.MANIFEST.replace("operations: [purge, load]", "operations: [purge]"));
    beta.put(
            EXPOSURES + "/alpha",
            "{\"to\": \"alpha\", \"servers\": [\"*\"], \"operations\": [\"purge\"], \"hosts\":"
                + " [\"*\"]}")
        .status(200);

    purge();

    assertThat(fra.lease(10)).isEmpty();
  }

  @Test
  void an_unnamed_one_keeps_its_name_when_another_goes() {
    String purges = "{to: alpha, servers: [fra-01], operations: [purge], hosts: [\"*\"]}";
    String loads = "{to: alpha, servers: [fra-01], operations: [load], hosts: [\"*\"]}";
    String manifest = "participants: [{name: beta, delivery: poll, exposures: [%s]}]";
    federation.change(manifest.formatted(loads + ", " + purges));
    assertThat(beta.get(EXPOSURES + "/alpha-2").json().path("operations").toString())
        .isEqualTo("[\"purge\"]");
    beta.put(EXPOSURES + "/alpha-2/suspension", "{}").status(201);

    federation.change(manifest.formatted(purges));

    assertThat(beta.get(EXPOSURES).text()).doesNotContain("load");
    beta.get(EXPOSURES + "/alpha-2/suspension").status(200);
    purge();
    assertThat(fra.lease(10)).isEmpty();
  }

  @Test
  void what_another_exposure_allows_goes_on() {
    beta.put(
            EXPOSURES + "/www",
            "{\"to\": \"alpha\", \"servers\": [\"*\"], \"operations\": [\"purge\"],"
                + " \"hosts\": [\"www.acme.example\"]}")
        .status(201);
    suspend("hold");
    String www = purge();
    String img =
        CommandJson.purge("alpha/acme-www", "https://a.img.acme.example/a").id(server.operator());

    assertThat(Edge.commands(fra.lease(10))).containsExactly(www);
    assertThat(stands(img)).isEqualTo("pending");
    assertThat(List.of(stands(www), stands(img))).containsExactly("leased", "pending");
    assertThat(federation.execution(img, FRA).path("waitsFor").asString())
        .isEqualTo("exposure-suspended");
    assertThat(federation.execution(purge(), FRA).path("waitsFor").asString())
        .isNotEqualTo("exposure-suspended");
  }

  @Test
  void names_are_unique_and_shown_in_the_manifest() {
    Api.Answer twice =
        server
            .operator()
            .putYaml(
                "/v1/registry",
                "participants: [{name: beta, delivery: poll, exposures: [{name: x, to: alpha},"
                    + " {name: x, to: alpha}]}]");

    twice.problem(400, "invalid");
    assertThat(twice.pointers()).contains("/participants/0/exposures/1/name");
    assertThat(server.operator().get("/v1/registry").text()).contains("{\"name\":\"alpha\",\"to\"");
  }

  @Test
  void each_change_of_it_is_answered_by_its_name_and_noted_for_who_grants_it() {
    suspend("hold");
    resume();
    Api.Answer applied =
        server
            .operator()
            .putYaml(
                "/v1/registry",
                Federation.MANIFEST.replace("operations: [purge, load]", "operations: [purge]"))
            .status(200);
    beta.delete(EXPOSURES + "/alpha").status(200);

    assertThat(applied.text())
        .contains("{\"kind\":\"exposure\",\"name\":\"beta/alpha\",\"fields\":[\"operations\"]}");
    assertThat(noted(beta))
        .containsSubsequence(
            "exposure (suspension) beta/alpha",
            "exposure (suspension) beta/alpha",
            "exposure (operations) beta/alpha",
            "exposure beta/alpha");
    assertThat(noted(federation.as("participant", "alpha")).toString())
        .doesNotContain("exposure beta");
  }

  /** What is noted of exposures, oldest first. */
  private static List<String> noted(Api reader) {
    List<String> noted = new ArrayList<>();
    reader
        .get("/v1/audit?action=registry-change&limit=1000")
        .status(200)
        .json()
        .path("items")
        .forEach(line -> {
          for (String change : List.of("created", "changed", "removed")) {
            line.path("detail").path(change).forEach(item -> noted.addFirst(item.asString()));
          }
        });
    noted.removeIf(item -> !item.startsWith("exposure "));
    return noted;
  }
}
