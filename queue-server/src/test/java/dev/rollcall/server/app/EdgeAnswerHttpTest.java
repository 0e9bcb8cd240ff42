// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What happens to executions whose poll cannot be answered, and how often a poll looks. */
final class EdgeAnswerHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private Federation federation;
  private Edge edge;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    edge = federation.poller("alpha/lax-01");
  }

  private static CommandJson once() {
    return CommandJson.purge().text("orderingKey", "").option("maxAttempts", "1");
  }

  private Socket poll(String body) throws IOException {
    var socket = new Socket(server.operator().base().getHost(), server.operator().base().getPort());
    socket.setSoTimeout(20_000);
    send(socket, body);
    return socket;
  }

  private void send(Socket socket, String body) throws IOException {
    String head =
        "POST /v1/edge/poll HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(edge.api().token(), body.length());
    socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void a_poll_whose_client_has_gone_is_handed_nothing() throws IOException {
    String waiting = "{\"capacity\": 5, \"waitSeconds\": 20, \"poller\": {\"instance\": \"%s\"}}";
    Socket gone = poll(waiting.formatted("first"));
    server.awaitParked(1);
    gone.close();
    var second = edge.pollLater(waiting.formatted("second"));
    server.awaitParked(2);

    String id = once().id(server.operator());

    List<Edge.Lease> leases = Edge.leases(Later.within(second).json());
    assertThat(Edge.commands(leases)).containsExactly(id);
    assertThat(edge.report(leases.getFirst(), "succeeded")).isEqualTo("accepted");
  }

  @Test
  void a_client_that_sends_its_next_request_early_gets_its_answer_and_the_connection_ends()
      throws IOException {
    String waiting = "{\"capacity\": 5, \"waitSeconds\": 20}";
    try (Socket socket = poll(waiting)) {
      server.awaitParked(1);
      send(socket, waiting);

      String id = once().id(server.operator());

      var all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(all).startsWith("HTTP/1.1 200").contains("Connection: close").contains(id);
      assertThat(all.split("HTTP/1.1", -1)).as("answers").hasSize(2);
    }
    assertThat(edge.lease(1)).as("it is leased").isEmpty();
  }

  @Test
  void what_was_leased_for_an_answer_that_fails_is_put_back_at_once() {
    String id = once().id(server.operator());
    server
        .database()
        .jdbi()
        .useHandle(handle -> {
          handle.execute("alter table command rename column operation to unreadable");
          try {
            edge.api().post("/v1/edge/poll", "{\"capacity\": 1}").status(500);
          } finally {
            handle.execute("alter table command rename column unreadable to operation");
          }
        });

    Edge.Lease lease = edge.leaseOne();

    assertThat(lease.command()).isEqualTo(id);
    assertThat(lease.attempt()).isEqualTo(1);
    assertThat(edge.report(lease, "succeeded")).isEqualTo("accepted");
  }

  @Test
  void a_poll_that_brings_results_and_finds_no_work_looks_once() {
    String id = once().id(server.operator());
    edge.leaseOne();
    double before = server.metric("rollcall_batch_items_total{batch=\"edge\"}");

    JsonNode answer =
        edge.poll(
            "{\"capacity\": 1, \"waitSeconds\": 1, \"results\": [%s]}"
                .formatted(Edge.item(id, 1, "succeeded")));

    assertThat(Edge.verdicts(answer)).containsExactly("accepted");
    assertThat(server.metric("rollcall_batch_items_total{batch=\"edge\"}")).isEqualTo(before + 1);
  }

  @Test
  void what_a_result_makes_leasable_goes_to_another_poll_that_waits() {
    String first = CommandJson.purge().id(server.operator());
    Edge.Lease lease = edge.leaseOne();
    String second = CommandJson.purge().id(server.operator());
    var other =
        edge.pollLater(
            "{\"capacity\": 1, \"waitSeconds\": 20, \"poller\": {\"instance\": \"other\"}}");
    server.awaitParked(1);

    edge.poll("{\"capacity\": 0, \"results\": [%s]}".formatted(lease.result("succeeded")));

    assertThat(lease.command()).isEqualTo(first);
    assertThat(Edge.commands(Edge.leases(Later.within(other).json()))).containsExactly(second);
  }
}
