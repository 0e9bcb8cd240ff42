// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Who may cancel and repeat a command: its origin, and nobody who could get past an exposure so.
 */
final class CommandOwnershipHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  /** On its own server beta may do what it does not let alpha do there. */
  private static CommandJson invalidateAtBeta() {
    return CommandJson.of("invalidate")
        .target("{\"servers\": [\"beta/fra-01\"]}")
        .parameters("{\"urls\": [\"https://www.acme.example/a.js\"]}");
  }

  private static Api.Answer move(Api api, String id, String verb) {
    return api.post("/v1/commands/" + id + "/" + verb);
  }

  private void fail(String fullName) {
    Edge edge = federation.poller(fullName);
    edge.report(edge.leaseOne(), "failed");
  }

  @Test
  void a_customer_moves_no_command_that_another_participant_gave_on_its_configuration() {
    Api beta = federation.as("participant", "beta");
    Api acme = federation.as("customer", "alpha/acme");
    String open = invalidateAtBeta().id(beta);
    String failed = invalidateAtBeta().option("maxAttempts", "1").id(beta);
    assertThat(acme.get("/v1/commands/" + open).status(200).json().path("origin").asString())
        .isEqualTo("beta");

    move(acme, open, "cancel").problem(403, "forbidden");
    assertThat(federation.state(open)).isEqualTo("pending");
    move(beta, open, "cancel").status(202);
    fail("beta/fra-01");
    assertThat(federation.state(failed)).isEqualTo("failed");
    move(acme, failed, "retry").problem(403, "forbidden");
    move(federation.as("participant", "alpha"), failed, "retry").problem(404, "not-found");

    String again = move(beta, failed, "retry").status(202).json().path("id").asString();
    assertThat(federation.stands(again, "beta/fra-01")).isEqualTo("pending");
  }

  @Test
  void a_customer_moves_what_it_or_its_participant_or_an_operator_gave() {
    Api acme = federation.as("customer", "alpha/acme");

    for (Api giver : new Api[] {acme, federation.as("participant", "alpha"), server.operator()}) {
      String id = CommandJson.purge().option("maxAttempts", "1").id(giver);
      fail("alpha/lax-01");
      move(acme, id, "cancel").status(202);
      String again = move(acme, id, "retry").status(202).json().path("id").asString();
      move(acme, again, "cancel").status(202);
    }
  }

  @Test
  void a_retry_asks_the_exposures_anew_whoever_asks_for_it() {
    String id = CommandJson.purge().option("maxAttempts", "1").id(server.operator());
    fail("beta/fra-01");
    federation.change(
        "participants: [{name: beta, delivery: poll, servers: [{name: fra-01}, {name: fra-02}],"
            + " exposures: [{to: alpha, servers: [fra-01], operations: [load], hosts: [\"*\"]}]}]");

    for (Api giver :
        new Api[] {
          server.operator(),
          federation.as("participant", "alpha"),
          federation.as("customer", "alpha/acme")
        }) {
      String again = move(giver, id, "retry").status(202).json().path("id").asString();
      assertThat(federation.stands(again, "beta/fra-01")).isEqualTo("rejected exposure");
    }
  }

  @Test
  void what_had_to_be_whole_has_to_be_when_it_is_tried_again() {
    String whole =
        CommandJson.purge()
            .option("maxAttempts", "1")
            .option("partial", "false")
            .id(server.operator());
    fail("beta/fra-01");
    fail("alpha/lax-01");
    federation.change(
        "participants: [{name: beta, delivery: poll, servers: [{name: fra-01}, {name: fra-02}],"
            + " exposures: [{to: alpha, servers: [fra-01], operations: [load], hosts: [\"*\"]}]}]");

    move(server.operator(), whole, "retry").problem(409, "conflict");
    assertThat(federation.poller("alpha/lax-01").lease(10)).isEmpty();
  }
}
