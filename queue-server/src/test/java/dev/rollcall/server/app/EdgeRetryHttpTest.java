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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What happens after an attempt that did not succeed. */
final class EdgeRetryHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Edge edge;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    edge = federation.poller("alpha/lax-01");
  }

  private static CommandJson unordered() {
    return CommandJson.purge().text("orderingKey", "");
  }

  private static List<Double> pauses(String id) {
    return server
        .database()
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    """
                    select extract(epoch from q.visible_at - l.at)::float8
                    from queue q join command c on c.seq = q.seq
                    join attempt_log l on l.seq = q.seq and l.server_id = q.server_id and l.lease_no = q.lease_no
                    where c.id = :id::uuid
                    """)
                .bind("id", id)
                .mapTo(Double.class)
                .list());
  }

  /** As if so many attempts had been made before. */
  private static void setAttempt(String id, int attempt) {
    server
        .database()
        .jdbi()
        .useHandle(handle ->
            handle
                .createUpdate(
                    "update queue set attempt = :attempt where seq = (select seq from command where"
                        + " id = :id::uuid)")
                .bind("attempt", attempt)
                .bind("id", id)
                .execute());
  }

  @Test
  void a_failure_is_tried_again_after_a_pause() {
    String id = unordered().id(server.operator());
    Edge.Lease first = edge.leaseOne();

    assertThat(edge.report(first, "failed", "\"code\": \"cache-down\"")).isEqualTo("accepted");

    JsonNode execution = federation.execution(id, "alpha/lax-01");
    assertThat(execution.path("state").asString()).isEqualTo("pending");
    assertThat(execution.path("attempt").asInt()).isEqualTo(1);
    Edge.Lease second = edge.lease(1, 30).getFirst();
    assertThat(second.number()).isGreaterThan(first.number());
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(edge.report(second, "succeeded")).isEqualTo("accepted");
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("succeeded");
    assertThat(federation.execution(id, "alpha/lax-01").path("attempt").asInt()).isEqualTo(2);
  }

  @ParameterizedTest(name = "attempt {0}")
  @ValueSource(ints = {1, 3, 6, 7, 40})
  void the_pause_is_random_up_to_its_bound(int attempt) {
    double bound = Math.min(60, Math.pow(2, attempt - 1));
    List<Double> pauses = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String id = unordered().option("maxAttempts", "100").id(server.operator());
      Edge.Lease lease = edge.lease(1).getFirst();
      setAttempt(id, attempt);
      edge.report(lease, "failed");
      pauses.addAll(pauses(id));
      server.operator().post("/v1/commands/" + id + "/cancel").status(202);
    }

    assertThat(pauses).hasSize(12).allMatch(pause -> pause > -0.5 && pause <= bound + 0.5);
    assertThat(pauses.stream().distinct().count()).isGreaterThan(6);
    assertThat(pauses.stream().mapToDouble(Double::doubleValue).max().orElse(0))
        .as("full jitter reaches the upper half in one of twelve")
        .isGreaterThan(bound / 4);
  }

  @Test
  void a_failure_that_says_so_is_final() {
    String id = unordered().id(server.operator());

    edge.report(edge.leaseOne(), "failed", "\"retry\": false", "\"code\": \"broken\"");

    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("failed broken");
    assertThat(edge.lease(1)).isEmpty();
  }

  @Test
  void the_last_attempts_failure_is_final() {
    String id = unordered().option("maxAttempts", "2").id(server.operator());

    edge.report(edge.leaseOne(), "failed", "\"code\": \"one\"");
    Edge.Lease last = edge.lease(1, 30).getFirst();
    edge.report(last, "failed", "\"code\": \"two\"");

    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("failed two");
  }

  @Test
  void a_failure_whose_pause_would_pass_the_deadline_is_final() {
    String id =
        unordered()
            .option("deadlineSeconds", "5")
            .option("maxAttempts", "100")
            .id(server.operator());
    Edge.Lease lease = edge.leaseOne();
    setAttempt(id, 60);

    Instant give = Instant.now();
    edge.report(lease, "failed", "\"code\": \"x\"");

    // up to a minute's pause: it ends at once, or waits and is still inside of its five seconds
    String stands = federation.stands(id, "alpha/lax-01");
    assertThat(stands).isIn("failed x", "pending", "leased", "expired deadline");
    if (stands.equals("pending")) {
      assertThat(
              Instant.parse(federation.execution(id, "alpha/lax-01").path("waitsUntil").asString()))
          .isBefore(give.plusSeconds(6));
    }
  }

  @Test
  void a_rejection_is_never_tried_again() {
    String id = unordered().id(server.operator());

    edge.report(edge.leaseOne(), "rejected", "\"code\": \"policy\"", "\"message\": \"not here\"");

    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("rejected policy");
    assertThat(federation.total(id, "rejected")).isEqualTo(1);
    assertThat(edge.lease(1)).isEmpty();
  }

  @Test
  void a_release_is_no_attempt_and_comes_again_at_once() {
    String id = unordered().option("maxAttempts", "1").id(server.operator());
    long number = 0;
    for (int i = 0; i < 5; i++) {
      Edge.Lease lease = edge.leaseOne();
      assertThat(lease.attempt()).isEqualTo(1);
      assertThat(lease.number()).isGreaterThan(number);
      number = lease.number();
      assertThat(edge.report(lease, "released")).isEqualTo("accepted");
      assertThat(edge.report(lease, "released")).isEqualTo("duplicate");
    }

    assertThat(edge.report(edge.leaseOne(), "succeeded")).isEqualTo("accepted");
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("succeeded");
  }

  @Test
  void a_lapse_is_an_attempt() {
    String id =
        unordered().option("leaseSeconds", "1").option("maxAttempts", "3").id(server.operator());
    edge.leaseOne();

    Edge.Lease second = edge.lease(1, 20).getFirst();

    assertThat(second.attempt()).isEqualTo(2);
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("leased");
    assertThat(server.metric("rollcall_lease_lapses_total")).isPositive();
  }

  @Test
  void a_lapse_on_the_last_attempt_ends_failed_without_anybody_polling() {
    String id =
        unordered().option("leaseSeconds", "1").option("maxAttempts", "1").id(server.operator());
    Edge.Lease lease = edge.leaseOne();

    await("it ended")
        .atMost(Duration.ofSeconds(20))
        .until(() -> federation.stands(id, "alpha/lax-01").equals("failed no-result"));

    assertThat(edge.report(lease, "succeeded")).isEqualTo("stale");
    assertThat(federation.total(id, "succeeded")).isZero();
    assertThat(federation.total(id, "failed")).isEqualTo(1);
  }

  @Test
  void why_it_waits_is_told() {
    String id = unordered().id(server.operator());
    assertThat(federation.execution(id, "alpha/lax-01").path("waitsFor").asString())
        .isEqualTo("never-polled");
    Edge.Lease lease = edge.leaseOne();
    assertThat(federation.execution(id, "alpha/lax-01").has("waitsFor")).isFalse();
    setAttempt(id, 7);
    edge.report(lease, "failed");

    JsonNode waits = federation.execution(id, "alpha/lax-01");
    if (waits.path("state").asString().equals("pending") && waits.has("waitsUntil")) {
      assertThat(waits.path("waitsFor").asString()).isEqualTo("retry");
      assertThat(Instant.parse(waits.path("waitsUntil").asString()))
          .isBefore(Instant.now().plusSeconds(61));
    }
  }

  @Test
  void why_it_waits_names_the_ordering_key() {
    CommandJson.purge().id(server.operator());
    String second = CommandJson.purge().id(server.operator());
    edge.lease(1);

    assertThat(federation.execution(second, "alpha/lax-01").path("waitsFor").asString())
        .isEqualTo("ordering-key");
  }

  @Test
  void everything_ends_whatever_the_edge_does() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ids.add(
          unordered()
              .option("leaseSeconds", "1")
              .option("maxAttempts", "2")
              .option("deadlineSeconds", "4")
              .id(server.operator()));
    }
    List<Edge.Lease> leases = edge.lease(5);
    edge.report(leases.get(0).result("succeeded"), leases.get(1).result("failed"));
    edge.report(leases.get(2).result("released"), leases.get(3).result("rejected"));

    await("all ended")
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            ids.stream().allMatch(id -> !federation.command(id).path("completedAt").isNull()));
    for (String id : ids) {
      JsonNode totals = federation.command(id).path("totals");
      assertThat(totals.path("pending").asInt() + totals.path("leased").asInt()).isZero();
    }
  }
}
