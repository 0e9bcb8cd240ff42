// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What nobody could execute is refused at once, and takes nothing from a rate. */
final class AdmissionHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final String MANIFEST =
      """
      participants:
        - name: alpha
          delivery: poll
          servers: [{name: lax-01}]
          configurations:
            - {name: www, hosts: [www.alpha.example], deployments: [alpha/lax-01, "beta/*", "epsilon/*", "zeta/*"]}
        - name: beta
          delivery: poll
          servers: [{name: fra-01}]
          exposures:
            - {to: alpha, servers: [fra-01], operations: [purge, load], hosts: ["*"], commandsPerMinute: 1}
        - name: epsilon
          delivery: peer
          peer: {protocol: cdni-v1, url: "https://ci.epsilon.example/ci-t", token: "env:ROLLCALL_PEER_EPSILON"}
        - name: zeta
          delivery: gateway
      """;

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server, MANIFEST);
  }

  private static CommandJson command(String operation) {
    return CommandJson.of(operation)
        .target("{\"configuration\": \"alpha/www\"}")
        .parameters("{\"urls\": [\"https://www.alpha.example/a\"]}");
  }

  @Test
  void the_share_of_a_peer_ends_rejected_unsupported_at_once() {
    String id = command("purge").id(server.operator());

    assertThat(federation.stands(id, "epsilon/*")).isEqualTo("rejected unsupported");
    assertThat(federation.stands(id, "zeta/*")).isEqualTo("pending");
    Api.Answer whole = command("purge").option("partial", "false").post(server.operator());
    whole.problem(409, "conflict");
    assertThat(whole.text()).contains("epsilon/*: unsupported").doesNotContain("zeta");
  }

  @Test
  void a_command_that_no_server_can_execute_uses_up_no_rate() {
    federation
        .poller("beta/fra-01")
        .poll("{\"capacity\": 0, \"poller\": {\"instance\": \"i\", \"operations\": [\"load\"]}}");
    await("its abilities are known").until(() -> dryRun("purge").contains("beta/fra-01"));

    for (int i = 0; i < 3; i++) {
      String purge = command("purge").id(server.operator());
      assertThat(federation.stands(purge, "beta/fra-01")).isEqualTo("rejected unsupported");
    }

    String load = command("load").id(server.operator());
    assertThat(federation.stands(load, "beta/fra-01")).isEqualTo("pending");
    String beyond = command("load").id(server.operator());
    assertThat(federation.stands(beyond, "beta/fra-01")).isEqualTo("rejected quota");
  }

  /** Which servers of beta could not do it. */
  private static String dryRun(String operation) {
    return server
        .operator()
        .post("/v1/commands?dryRun=true", command(operation).toString())
        .status(200)
        .json()
        .path("participants")
        .valueStream()
        .filter(part -> part.path("participant").asString().equals("beta"))
        .map(part -> part.path("rejected").path("unsupported").toString())
        .findFirst()
        .orElseThrow();
  }
}
