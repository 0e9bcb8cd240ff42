// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two servers on one database: what is done at one is seen at the other. */
final class TwoNodesHttpTest {
  @Order(1)
  @RegisterExtension
  static final ServerExtension first = new ServerExtension();

  @Order(2)
  @RegisterExtension
  static final ServerExtension second = new ServerExtension(first);

  private Federation federation;
  private Edge here;
  private Edge there;

  @BeforeEach
  void prepare() {
    federation = Federation.fresh(first);
    here = new Edge(federation.edge("beta/fra-01"));
    there = new Edge(here.api().at(second.operator().base()));
    await("they know of each other, and listen")
        .until(() ->
            first.metric("rollcall_nodes_alive") == 2
                && second.metric("rollcall_nodes_alive") == 2
                && listening() == 2);
    await("the second knows the registry")
        .until(() -> second.operator().get("/v1/registry").text().contains("fra-01"));
  }

  private static int listening() {
    return first
        .database()
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select count(*) from pg_stat_activity where datname = current_database() and"
                        + " application_name = 'rollcall-listen' and (query like 'listen %' or"
                        + " query_start > backend_start + interval '3 s')")
                .mapTo(Integer.class)
                .one());
  }

  @Test
  void a_submit_at_one_node_reaches_a_poll_parked_at_the_other_at_once() {
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      CompletableFuture<Api.Answer> parked =
          there.pollLater("{\"capacity\": 1, \"waitSeconds\": 20}");
      second.awaitParked(1);
      long start = System.nanoTime();

      String id = federation.purge("beta/bravo", "https://www.bravo.example/" + i);

      List<Edge.Lease> leases = Edge.leases(Later.within(parked).status(200).json());
      millis.add(Duration.ofNanos(System.nanoTime() - start).toMillis());
      assertThat(Edge.commands(leases)).containsExactly(id);
      assertThat(here.report(leases.getFirst(), "succeeded"))
          .as("a result may go to any node")
          .isEqualTo("accepted");
    }
    // The look-up alone comes once a second: half of all would take longer than half of one.
    assertThat(millis.stream().sorted().toList().get(5)).as("of %s", millis).isLessThan(400);
  }

  @Test
  void a_result_at_one_node_frees_the_key_for_a_poll_parked_at_the_other() {
    String before = federation.purge("beta/bravo", "https://www.bravo.example/1");
    Edge.Lease lease = here.leaseOne();
    assertThat(lease.command()).isEqualTo(before);
    String after = federation.purge("beta/bravo", "https://www.bravo.example/2");
    CompletableFuture<Api.Answer> parked =
        there.pollLater("{\"capacity\": 1, \"waitSeconds\": 60}");
    second.awaitParked(1);

    assertThat(here.report(lease, "succeeded")).isEqualTo("accepted");

    assertThat(Edge.commands(Edge.leases(Later.within(parked).json()))).containsExactly(after);
  }

  @Test
  void a_cancel_at_one_node_is_told_to_the_lease_holder_that_polls_at_the_other() {
    String id = federation.purge("beta/bravo", "https://www.bravo.example/1");
    Edge.Lease lease = there.leaseOne();
    CompletableFuture<Api.Answer> parked =
        there.pollLater("{\"capacity\": 0, \"waitSeconds\": 60}");
    second.awaitParked(1);

    federation.operator().post("/v1/commands/" + id + "/cancel").status(202);

    Api.Answer answer = Later.within(parked);
    assertThat(answer.json().path("cancelled").path(0).path("command").asString()).isEqualTo(id);
    assertThat(answer.json().path("cancelled").path(0).path("lease").asLong())
        .isEqualTo(lease.number());
  }

  @Test
  void a_poller_that_comes_to_the_other_node_ends_the_poll_it_left_behind() {
    CompletableFuture<Api.Answer> left = there.pollLater(poll("same", 60));
    second.awaitParked(1);

    CompletableFuture<Api.Answer> now = here.pollLater(poll("same", 60));

    assertThat(Later.within(left).status(200).json().path("executions")).isEmpty();
    first.awaitParked(1);
    String id = federation.purge("beta/bravo", "https://www.bravo.example/1");
    assertThat(Edge.commands(Edge.leases(Later.within(now).json()))).containsExactly(id);
  }

  @Test
  void a_poller_that_goes_back_and_forth_leaves_none_of_its_polls_behind() {
    CompletableFuture<Api.Answer> one = here.pollLater(poll("rover", 60));
    first.awaitParked(1);
    CompletableFuture<Api.Answer> two = there.pollLater(poll("rover", 60));
    Later.within(one);
    second.awaitParked(1);
    CompletableFuture<Api.Answer> three = here.pollLater(poll("rover", 60));
    Later.within(two);
    first.awaitParked(1);
    CompletableFuture<Api.Answer> four = there.pollLater(poll("rover", 1));

    Later.within(three);
    Later.within(four);
  }

  @Test
  void another_instance_at_the_other_node_ends_nothing() {
    CompletableFuture<Api.Answer> stays = there.pollLater(poll("first", 60));
    second.awaitParked(1);

    here.poll(poll("second", 0));

    String id = federation.purge("beta/bravo", "https://www.bravo.example/1");
    assertThat(Edge.commands(Edge.leases(Later.within(stays).json()))).containsExactly(id);
  }

  private static String poll(String instance, int waitSeconds) {
    return """
    {"capacity": 1, "waitSeconds": %d, "poller": {"instance": "%s", "version": "1", "operations": ["purge"]}}
    """
        .formatted(waitSeconds, instance);
  }

  @Test
  void who_watches_a_command_at_one_node_sees_what_happens_to_it_at_the_other() {
    String id = federation.purge("beta/bravo", "https://www.bravo.example/1");
    Edge.Lease lease = here.leaseOne();
    await("it is active").until(() -> federation.state(id).equals("active"));
    long version = second.operator().get("/v1/commands/" + id).json().path("version").asLong();
    CompletableFuture<Api.Answer> watch =
        Later.run(() ->
            second
                .operator()
                .get("/v1/commands/" + id + "?waitSeconds=60&sinceVersion=" + version));

    assertThat(here.report(lease, "succeeded")).isEqualTo("accepted");

    assertThat(Later.within(watch).json().path("totals").path("succeeded").asInt()).isEqualTo(1);
  }

  @Test
  void a_change_of_the_registry_is_seen_at_the_other_node() {
    federation.change("participants: [{name: zeta, delivery: poll, servers: [{name: z-01}]}]");

    await("it is seen")
        .atMost(Duration.ofSeconds(3))
        .until(() -> second.operator().get("/v1/registry").text().contains("z-01"));
  }

  @Test
  void a_token_revoked_at_one_node_ends_the_poll_at_the_other_and_is_refused_there() {
    String tokenId =
        first
            .operator()
            .get("/v1/tokens?limit=1000")
            .json()
            .path("items")
            .valueStream()
            .filter(item -> item.path("scope").asString().equals("beta/fra-01"))
            .filter(item -> !item.path("revokedAt").isString())
            .reduce((a, b) -> b)
            .orElseThrow()
            .path("id")
            .asString();
    CompletableFuture<Api.Answer> parked =
        there.pollLater("{\"capacity\": 1, \"waitSeconds\": 60}");
    second.awaitParked(1);

    first.operator().delete("/v1/tokens/" + tokenId);

    assertThat(Later.within(parked).status()).isEqualTo(401);
    assertThat(there.api().post("/v1/edge/poll", "{\"capacity\": 1}").status()).isEqualTo(401);
  }
}
