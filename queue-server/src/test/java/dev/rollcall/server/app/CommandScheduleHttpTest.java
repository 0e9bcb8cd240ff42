// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.core.ConditionFactory;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Commands that begin later, and their deadlines. */
final class CommandScheduleHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
  }

  private static CommandJson in(int seconds) {
    return CommandJson.purge().text("notBefore", Instant.now().plusSeconds(seconds).toString());
  }

  private static ConditionFactory soon(String what) {
    return await(what).atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(100));
  }

  @Test
  void until_its_time_only_the_frozen_target_is_stored() {
    JsonNode command = in(600).submit(server.operator());
    String id = command.path("id").asString();

    assertThat(command.path("state").asString()).isEqualTo("pending");
    assertThat(command.path("totals").path("pending").asInt()).isEqualTo(2);
    assertThat(federation.poller("alpha/lax-01").lease(10)).isEmpty();
    JsonNode execution = federation.execution(id, "alpha/lax-01");
    assertThat(execution.path("state").asString()).isEqualTo("pending");
    assertThat(execution.path("waitsFor").asString()).isEqualTo("not-before");
    int queued =
        server
            .database()
            .jdbi()
            .withHandle(handle ->
                handle
                    .createQuery("select count(*) from queue where server_id > 0")
                    .mapTo(Integer.class)
                    .one());
    assertThat(queued).isZero();
  }

  @Test
  void it_enters_the_queue_when_its_time_has_come_and_wakes_a_parked_poll() {
    String id = in(2).id(server.operator());
    Edge edge = federation.poller("alpha/lax-01");

    var parked = edge.pollLater("{\"capacity\": 1, \"waitSeconds\": 60}");

    JsonNode told = Later.within(parked).status(200).json().path("executions").get(0);
    assertThat(told.path("command").asString()).isEqualTo(id);
    assertThat(told.path("lease").asInt()).isEqualTo(1);
    edge.report(Edge.item(id, 1, "succeeded"));
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("succeeded");
  }

  @Test
  void its_executions_are_listed_also_while_it_enters() {
    String id = in(2).id(server.operator());
    var answers = new ConcurrentLinkedQueue<Api.Answer>();
    var entered = new AtomicBoolean();
    List<CompletableFuture<Boolean>> readers = new ArrayList<>();
    try (Handle holder = server.database().jdbi().open()) {
      holder.begin().execute("lock table hold in access exclusive mode");
      for (int i = 0; i < 3; i++) { // each waits for the lock a second, having read the command
        readers.add(
            Later.run(() -> {
              while (!entered.get()) {
                answers.add(server.operator().get("/v1/commands/" + id + "/executions"));
              }
              return true;
            }));
      }
      soon("it is in the queue")
          .until(() ->
              isTrue("select queued_at is not null from command where id = '" + id + "'::uuid"));
      entered.set(true);
      holder.commit();
    }
    readers.forEach(Later::within);

    List<Api.Answer> listed = answers.stream().filter(answer -> answer.status() == 200).toList();
    assertThat(listed).isNotEmpty();
    assertThat(listed).allSatisfy(answer -> assertThat(answer.json().path("items")).hasSize(2));
  }

  private static boolean isTrue(String query) {
    return server
        .database()
        .jdbi()
        .withHandle(handle -> handle.createQuery(query).mapTo(Boolean.class).one());
  }

  @Test
  void it_takes_its_place_in_the_order_then() {
    String later = in(2).id(server.operator());
    String now = CommandJson.purge().id(server.operator());
    soon("the first is in the queue")
        .until(() ->
            !federation
                .execution(later, "alpha/lax-01")
                .path("waitsFor")
                .asString()
                .equals("not-before"));
    String last = CommandJson.purge().id(server.operator());

    assertThat(Edge.commands(federation.poller("alpha/lax-01").lease(10)))
        .containsExactly(now, later, last);
  }

  @Test
  void what_was_rejected_at_acceptance_stays_rejected() {
    String id =
        CommandJson.purge()
            .parameters("{\"urls\": [\"https://www.acme.example/a\"]}")
            .target("{\"configuration\": \"alpha/acme-www\"}")
            .text("notBefore", Instant.now().plusSeconds(2).toString())
            .id(server.operator());
    String invalidate =
        CommandJson.of("invalidate")
            .target("{\"configuration\": \"alpha/acme-www\"}")
            .parameters("{\"everything\": true}")
            .text("notBefore", Instant.now().plusSeconds(2).toString())
            .id(server.operator());

    assertThat(federation.stands(invalidate, "beta/fra-01")).isEqualTo("rejected exposure");
    soon("both are in the queue")
        .until(() -> federation.poller("alpha/lax-01").lease(10).size() > 0);
    assertThat(federation.stands(invalidate, "beta/fra-01")).isEqualTo("rejected exposure");
    assertThat(federation.total(invalidate, "rejected")).isEqualTo(1);
    assertThat(federation.total(id, "rejected")).isZero();
  }

  @Test
  void cancelled_before_its_time_it_never_begins() {
    String id = in(2).id(server.operator());

    JsonNode command = server.operator().post("/v1/commands/" + id + "/cancel").status(202).json();

    assertThat(command.path("state").asString()).isEqualTo("cancelled");
    assertThat(command.path("totals").path("cancelled").asInt()).isEqualTo(2);
    assertThat(command.path("completedAt").isNull()).isFalse();
    Edge edge = federation.poller("alpha/lax-01");
    assertThat(edge.lease(10, 4)).isEmpty();
    assertThat(federation.stands(id, "alpha/lax-01")).startsWith("cancelled");
  }

  @Test
  void the_deadline_counts_from_notBefore() {
    String id = in(2).option("deadlineSeconds", "3600").id(server.operator());
    Edge edge = federation.poller("alpha/lax-01");

    var parked = edge.pollLater("{\"capacity\": 1, \"waitSeconds\": 60}");

    JsonNode told = Later.within(parked).json().path("executions").get(0);
    assertThat(told.path("command").asString()).isEqualTo(id);
    assertThat(told.path("deadlineSeconds").asInt()).isBetween(3_500, 3_600);
  }

  @Test
  void what_has_not_ended_at_the_deadline_ends_expired_also_if_nobody_ever_polls() {
    String id = CommandJson.purge().option("deadlineSeconds", "1").id(server.operator());

    soon("it expired").until(() -> federation.state(id).equals("failed"));

    assertThat(federation.total(id, "expired")).isEqualTo(2);
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("expired deadline");
    assertThat(federation.command(id).path("completedAt").isNull()).isFalse();
    assertThat(federation.poller("alpha/lax-01").lease(10)).isEmpty();
  }

  @Test
  void what_is_leased_at_the_deadline_expires_too_and_its_late_result_does_not_count() {
    String id = CommandJson.purge().option("deadlineSeconds", "2").id(server.operator());
    Edge edge = federation.poller("alpha/lax-01");
    Edge.Lease lease = edge.leaseOne();

    soon("it expired").until(() -> federation.stands(id, "alpha/lax-01").startsWith("expired"));

    assertThat(edge.report(lease, "succeeded")).isEqualTo("stale");
    assertThat(federation.total(id, "expired")).isEqualTo(2);
    assertThat(federation.total(id, "succeeded")).isZero();
  }

  @Test
  void a_scheduled_command_expires_too() {
    String id = in(1).option("deadlineSeconds", "1").id(server.operator());

    soon("it expired").until(() -> federation.state(id).equals("failed"));
    assertThat(federation.total(id, "expired")).isEqualTo(2);
  }
}
