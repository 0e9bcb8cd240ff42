// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.load.history.CommandLog;
import dev.rollcall.load.history.Judgement;
import dev.rollcall.load.history.Lease;
import dev.rollcall.load.history.LeaseLog;
import dev.rollcall.load.history.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FleetTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Behaviour EAGER = new Behaviour(10, 30, 0, 0);

  private final CommandLog commands = new CommandLog();

  private static List<EdgeIdentity> edges(int count) {
    List<EdgeIdentity> edges = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      edges.add(new EdgeIdentity(i, "p/s" + i, "token-" + i));
    }
    return edges;
  }

  private Fleet fleet(FakeQueueServer server, Behaviour behaviour, int count) {
    return new Fleet(server.target(), edges(count), behaviour, commands, 2);
  }

  private static List<Lease> leases(Fleet fleet) {
    List<Lease> all = new ArrayList<>();
    for (LeaseLog log : fleet.leases()) {
      for (int i = 0; i < log.size(); i++) {
        all.add(log.get(i));
      }
    }
    return all;
  }

  private static void enqueue(FakeQueueServer server, int edges, int each) {
    for (int command = 0; command < each; command++) {
      String id = new UUID(7, command).toString();
      for (int edge = 0; edge < edges; edge++) {
        server.enqueue("token-" + edge, id);
      }
    }
  }

  @Test
  void edges_execute_and_report_all_they_are_handed() throws IOException {
    try (var server = FakeQueueServer.start(false);
        Fleet fleet = fleet(server, EAGER, 50)) {
      fleet.start();
      fleet.awaitPolling(LIMIT);

      enqueue(server, 50, 37);
      assertThat(fleet.awaitAcknowledged(50 * 37, LIMIT)).isTrue();
      fleet.stop();

      assertThat(commands.size()).isEqualTo(37);
      assertThat(leases(fleet))
          .hasSize(50 * 37)
          .allMatch(lease -> lease.judgement() == Judgement.ACCEPTED && lease.sent() == 1)
          .allMatch(lease -> lease.polledAt() < lease.leasedAt())
          .allMatch(lease -> lease.leasedAt() <= lease.reportedAt())
          .allMatch(lease -> lease.reportedAt() < lease.verdictAt())
          .allMatch(lease -> lease.leaseSeconds() == 60);
      assertThat(fleet.complaints()).isEmpty();
    }
  }

  @Test
  void answers_in_chunks_are_read() throws IOException {
    try (var server = FakeQueueServer.start(true);
        Fleet fleet = fleet(server, EAGER, 3)) {
      fleet.start();

      enqueue(server, 3, 25);
      assertThat(fleet.awaitAcknowledged(75, LIMIT)).isTrue();
      fleet.stop();

      assertThat(fleet.complaints()).isEmpty();
      assertThat(server.results("token-1")).hasSize(25);
    }
  }

  @Test
  void results_are_sent_again_when_the_answer_got_lost() throws IOException {
    try (var server = FakeQueueServer.start(false);
        Fleet fleet = fleet(server, EAGER, 1)) {
      fleet.start();
      fleet.awaitPolling(LIMIT);

      server.cutNext(2);
      server.refuseNext(2);
      enqueue(server, 1, 30);
      assertThat(fleet.awaitAcknowledged(30, LIMIT)).isTrue();
      fleet.stop();

      assertThat(leases(fleet)).allMatch(lease -> lease.judgement() == Judgement.ACCEPTED);
      assertThat(leases(fleet)).anyMatch(lease -> lease.sent() > 1);
      assertThat(fleet.complaints().values().stream().mapToLong(Long::longValue).sum())
          .isEqualTo(4);
    }
  }

  @Test
  void failures_follow_the_behaviour_and_do_not_change_when_sent_again() {
    var behaviour = new Behaviour(10, 30, 50, 20);
    int failed = 0;
    int retried = 0;

    for (int i = 0; i < 100_000; i++) {
      Result result = behaviour.resultOf(i % 500, i / 500, 1);
      assertThat(behaviour.resultOf(i % 500, i / 500, 1)).isEqualTo(result);
      failed += result == Result.FAILED ? 1 : 0;
      retried += result == Result.RETRY ? 1 : 0;
    }

    assertThat(failed).isBetween(1_500, 2_500);
    assertThat(retried).isBetween(4_000, 6_000);
  }

  @Test
  void a_parked_fleet_stops_at_once() throws IOException {
    try (var server = FakeQueueServer.start(false)) {
      Fleet fleet = fleet(server, EAGER, 200);
      fleet.start();
      fleet.awaitPolling(LIMIT);

      long before = System.nanoTime();
      fleet.stop();

      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
      assertThat(fleet.leases()).hasSize(2);
    }
  }

  @Test
  void a_stopped_fleet_leaves_no_poll_behind_that_could_be_handed_work() throws IOException {
    try (var server = FakeQueueServer.start(false)) {
      try (Fleet fleet = fleet(server, EAGER, 20)) {
        fleet.start();
        fleet.awaitPolling(LIMIT);
      }

      enqueue(server, 20, 3);
      try (Fleet next = fleet(server, EAGER, 20)) {
        next.start();
        assertThat(next.awaitAcknowledged(60, LIMIT)).isTrue();
        assertThat(next.complaints()).isEmpty();
      }
    }
  }

  @Test
  void a_refusal_that_closes_the_connection_is_one_complaint_and_the_edge_comes_back()
      throws IOException {
    try (var server = FakeQueueServer.start(false);
        Fleet fleet = fleet(server, EAGER, 1)) {
      fleet.start();
      fleet.awaitPolling(LIMIT);

      server.closeWhenRefusing();
      server.refuseNext(1);
      enqueue(server, 1, 5);

      assertThat(fleet.awaitAcknowledged(5, LIMIT)).isTrue();
      fleet.stop();
      assertThat(fleet.complaints()).containsOnlyKeys("status 503: {\"code\":\"unavailable\"}");
    }
  }
}
