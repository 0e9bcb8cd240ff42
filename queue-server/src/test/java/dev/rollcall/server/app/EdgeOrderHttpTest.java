// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** In which order a server is handed its executions. */
final class EdgeOrderHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Edge edge;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    edge = federation.poller("alpha/lax-01");
  }

  private static CommandJson here() {
    return CommandJson.purge().target("{\"servers\": [\"alpha/lax-01\"]}");
  }

  private static String submit(String key) {
    return here().text("orderingKey", key).id(server.operator());
  }

  private static String submit(String key, String lane) {
    return here().text("orderingKey", key).text("lane", lane).id(server.operator());
  }

  private List<String> handed(int capacity) {
    return Edge.commands(edge.lease(capacity));
  }

  @Test
  void executions_of_one_key_come_in_the_order_of_acceptance() {
    List<String> ids = IntStream.range(0, 20).mapToObj(i -> submit("k")).toList();

    List<String> got = new ArrayList<>();
    while (got.size() < ids.size()) {
      List<Edge.Lease> run = edge.lease(3);
      assertThat(run).isNotEmpty();
      got.addAll(Edge.commands(run));
      edge.report(run.stream().map(l -> l.result("succeeded")).toArray(String[]::new));
    }
    assertThat(got).isEqualTo(ids);
  }

  @Test
  void a_run_has_leases_of_one_length_the_longest_among_them() {
    here().text("orderingKey", "k").option("leaseSeconds", "5").id(server.operator());
    here().text("orderingKey", "k").option("leaseSeconds", "300").id(server.operator());
    here().text("orderingKey", "k").option("leaseSeconds", "60").id(server.operator());
    here().text("orderingKey", "").option("leaseSeconds", "5").id(server.operator());

    List<Edge.Lease> leases = edge.lease(10);

    assertThat(leases).hasSize(4);
    Map<String, List<Long>> byKey = new HashMap<>();
    for (Edge.Lease lease : leases) {
      byKey
          .computeIfAbsent(lease.json().path("orderingKey").asString(), k -> new ArrayList<>())
          .add(lease.json().path("leaseSeconds").asLong());
    }
    assertThat(byKey.get("k")).hasSize(3).allMatch(seconds -> seconds >= 290 && seconds <= 300);
    assertThat(byKey.get("")).hasSize(1).allMatch(seconds -> seconds <= 5);
  }

  @Test
  void while_one_of_a_key_is_leased_no_other_of_it_is_handed_out() {
    String first = submit("k");
    String second = submit("k");
    String third = submit("k");
    List<Edge.Lease> run = edge.lease(2);
    assertThat(Edge.commands(run)).containsExactly(first, second);

    assertThat(handed(10)).isEmpty();
    edge.report(run.get(0), "succeeded");
    assertThat(handed(10)).isEmpty();
    edge.report(run.get(1), "succeeded");
    assertThat(handed(10)).containsExactly(third);
  }

  @Test
  void a_live_lease_holds_its_key_in_every_lane() {
    submit("k", "normal");
    assertThat(edge.lease(10)).hasSize(1);

    submit("k", "urgent");
    submit("k", "bulk");

    assertThat(handed(10)).isEmpty();
  }

  @Test
  void while_the_oldest_of_a_key_waits_for_a_retry_none_of_it_is_handed_out() {
    String first = submit("k");
    String second = submit("k");
    Edge.Lease lease = edge.lease(1).getFirst();
    setVisible(lease.command(), 30);

    assertThat(handed(10)).isEmpty();

    setVisible(lease.command(), -1);
    assertThat(handed(10)).containsExactly(first, second);
  }

  /** Puts an execution back as after a failure, to be tried again in so many seconds. */
  private static void setVisible(String id, int inSeconds) {
    server
        .database()
        .jdbi()
        .useHandle(handle ->
            handle
                .createUpdate(
                    """
                    update queue set leased_at = '-infinity', visible_at = now() + make_interval(secs => :seconds)
                    where seq = (select seq from command where id = :id::uuid)
                    """)
                .bind("seconds", inSeconds)
                .bind("id", id)
                .execute());
  }

  @Test
  void a_failed_run_begins_again_with_the_one_that_failed() {
    String first = submit("k");
    String second = submit("k");
    List<Edge.Lease> run = edge.lease(10);

    assertThat(edge.report(run.get(0).result("failed"), run.get(1).result("released")))
        .containsExactly("accepted", "accepted");

    List<Edge.Lease> again = edge.lease(10, 30);
    assertThat(Edge.commands(again)).containsExactly(first, second);
    assertThat(again.get(0).attempt()).isEqualTo(2);
    assertThat(again.get(1).attempt()).isEqualTo(1);
  }

  @Test
  void a_lapse_in_the_middle_of_a_run_does_not_let_a_later_one_overtake() {
    here().text("orderingKey", "k").option("leaseSeconds", "1").id(server.operator());
    String second =
        here().text("orderingKey", "k").option("leaseSeconds", "1").id(server.operator());
    List<Edge.Lease> run = edge.lease(10);
    assertThat(run).hasSize(2);

    List<Edge.Lease> again = edge.lease(10, 20);

    assertThat(Edge.commands(again)).isEqualTo(Edge.commands(run));
    assertThat(edge.report(run.get(1), "succeeded")).isEqualTo("stale");
    assertThat(federation.stands(second, "alpha/lax-01")).isEqualTo("leased");
  }

  @Test
  void without_a_key_there_is_no_order_and_nothing_waits_for_anything() {
    submit("");
    submit("");

    assertThat(handed(1)).hasSize(1);
    assertThat(handed(1)).hasSize(1);
  }

  @Test
  void keys_do_not_wait_for_each_other() {
    submit("a");
    String waits = submit("a");
    String other = submit("b");

    assertThat(handed(1)).hasSize(1);
    assertThat(handed(10)).containsExactly(other).doesNotContain(waits);
  }

  @Test
  void a_key_is_private_to_its_origin() {
    String byAlpha =
        CommandJson.purge()
            .target("{\"servers\": [\"beta/fra-01\"]}")
            .text("orderingKey", "shared")
            .id(federation.as("participant", "alpha"));
    String byBeta =
        CommandJson.purge("beta/bravo", "https://www.bravo.example/")
            .text("orderingKey", "shared")
            .id(federation.as("participant", "beta"));
    Edge fra = federation.poller("beta/fra-01");

    List<String> got = new ArrayList<>(Edge.commands(fra.lease(1)));
    got.addAll(Edge.commands(fra.lease(1)));

    assertThat(got).containsExactlyInAnyOrder(byAlpha, byBeta);
  }

  @Test
  void of_each_ten_handed_out_one_goes_to_the_next_lower_lane_that_has_work() {
    List<String> bulk = IntStream.range(0, 5).mapToObj(i -> submit("", "bulk")).toList();
    List<String> normal = IntStream.range(0, 5).mapToObj(i -> submit("", "normal")).toList();
    List<String> urgent = IntStream.range(0, 40).mapToObj(i -> submit("", "urgent")).toList();

    List<String> first = handed(40);

    assertThat(first).hasSize(40);
    assertThat(first.stream().filter(urgent::contains)).hasSize(36);
    assertThat(first.stream().filter(normal::contains)).hasSize(4);
    assertThat(first.stream().filter(bulk::contains)).isEmpty();
    List<String> rest = handed(100);
    assertThat(rest).hasSize(10).containsAll(bulk);
    assertThat(rest.indexOf(urgent.getLast())).isLessThan(4);
  }

  @Test
  void the_share_holds_over_polls_of_one_execution_each() {
    List<String> normal = IntStream.range(0, 3).mapToObj(i -> submit("", "normal")).toList();
    IntStream.range(0, 20).forEach(i -> submit("", "urgent"));

    List<String> got = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      got.addAll(handed(1));
    }

    assertThat(got.stream().filter(normal::contains)).hasSize(2);
  }

  @Test
  void origins_take_turns_on_a_server() {
    for (int i = 0; i < 30; i++) {
      CommandJson.purge()
          .target("{\"servers\": [\"beta/fra-01\"]}")
          .id(federation.as("participant", "alpha"));
    }
    String own =
        CommandJson.purge("beta/bravo", "https://www.bravo.example/")
            .id(federation.as("participant", "beta"));

    assertThat(Edge.commands(federation.poller("beta/fra-01").lease(4))).contains(own);
  }
}
