// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import static dev.rollcall.edge.poll.ConversationBench.CAPACITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.fake.FakeQueueServer;
import dev.rollcall.edge.journal.Backlog;
import dev.rollcall.edge.journal.HeldLease;
import dev.rollcall.edge.journal.LeaseId;
import dev.rollcall.edge.telemetry.StatusReport;
import dev.rollcall.protocol.edge.PollAnswer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the poller makes of a server that is not well, or not its friend. */
final class ConversationTroubleTest {
  @TempDir private Path state;
  private ConversationBench bench;

  @BeforeEach
  void prepare() throws IOException {
    bench = new ConversationBench(state, CAPACITY);
  }

  @AfterEach
  void stop() throws Exception {
    bench.stop();
  }

  @Test
  void results_are_resent_until_they_have_a_verdict() throws Exception {
    var requests = new AtomicInteger();
    bench.conversation().start();
    bench.awaitParked();
    bench
        .server()
        .fault((path, exchange) -> {
          if (!path.equals("/v1/edge/results") || requests.incrementAndGet() > 2) {
            return false;
          }
          FakeQueueServer.problem(exchange, 500, "broken", "");
          return true;
        });

    bench.server().submit(ConversationBench.purge("c1").build());
    bench.awaitEnd("c1");

    assertThat(requests.get()).isGreaterThanOrEqualTo(1);
    assertThat(bench.driver().executed()).containsExactly("/c1");
  }

  @Test
  void an_answer_that_gets_lost_leads_to_duplicates_that_are_dropped() throws Exception {
    var lost = new AtomicInteger();
    bench.conversation().start();
    bench.awaitParked();
    bench
        .server()
        .fault((path, exchange) -> {
          if (path.equals("/v1/edge/results") && lost.getAndIncrement() == 0) {
            bench.server().settleUnanswered(exchange);
            return true;
          }
          return false;
        });

    bench.server().submit(ConversationBench.purge("c1").build());

    await("it is sent again, and found to be a duplicate")
        .until(() ->
            bench.server().verdicts().stream().anyMatch(v -> v.verdict().equals("duplicate")));
    await("all is settled").until(() -> bench.journal().backlog().equals(new Backlog(0, 0, 1)));
    assertThat(bench.outbox().size()).isZero();
  }

  @Test
  void what_is_refused_alone_is_dropped_and_the_rest_is_settled() throws Exception {
    bench.server().refuse("bad");
    List<HeldLease> leases =
        List.of("good1", "bad", "good2").stream()
            .map(c ->
                new HeldLease(
                    new LeaseId(c, 1), "purge", Instant.now(), Instant.now().plusSeconds(60)))
            .toList();
    bench.journal().received(leases);

    bench.conversation().start();
    await("all is settled").until(() -> bench.journal().backlog().equals(new Backlog(0, 0, 0)));

    assertThat(bench.server().results()).extracting("command").containsExactly("good1", "good2");
    bench.server().submit(ConversationBench.purge("next").build());
    bench.awaitEnd("next");
  }

  @Test
  void what_something_on_the_way_refuses_is_kept_until_the_server_takes_it() throws Exception {
    var refused = new AtomicInteger();
    bench.conversation().start();
    bench.awaitParked();
    bench
        .server()
        .fault((_, exchange) -> {
          if (refused.getAndIncrement() > 2) {
            return false;
          }
          byte[] page = "<html>400 Bad Request</html>".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(400, page.length);
          exchange.getResponseBody().write(page);
          return true;
        });

    bench.server().submit(ConversationBench.purge("c1").build());
    bench.awaitEnd("c1");

    assertThat(refused.get()).isGreaterThan(3);
    assertThat(bench.end("c1").outcome()).isEqualTo("succeeded");
  }

  @Test
  void results_that_get_no_verdict_are_kept_and_not_sent_in_a_busy_loop() throws Exception {
    var sent = new AtomicInteger();
    bench.conversation().start();
    bench.awaitParked();
    bench
        .server()
        .fault((path, exchange) -> {
          if (!path.equals("/v1/edge/results")) {
            return false;
          }
          sent.incrementAndGet();
          byte[] nothing = "{\"results\": []}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, nothing.length);
          exchange.getResponseBody().write(nothing);
          return true;
        });
    bench.server().submit(ConversationBench.purge("c1").build());

    await("it was sent").until(() -> sent.get() > 0);
    await("for a second").pollDelay(Duration.ofSeconds(1)).until(() -> true);

    assertThat(sent.get()).isLessThan(10);
    assertThat(bench.outbox().size()).isEqualTo(1);
    bench.server().fault(null);
    bench.awaitEnd("c1");
  }

  @Test
  void numbers_beyond_all_measure_do_no_harm() throws Exception {
    PollAnswer.Execution usual = ConversationBench.purge("c1").key("").build();
    var huge =
        new PollAnswer.Execution(
            "huge",
            1,
            1,
            "purge",
            usual.parameters(),
            usual.configuration(),
            "",
            Long.MAX_VALUE / 2_000_000_000, // what the fake server can still add up
            Long.MAX_VALUE,
            null);
    bench.server().submitAll(List.of(huge, usual));

    bench.conversation().start();
    bench.awaitEnd("huge", "c1");

    await("no place is lost").until(() -> bench.work().free() == CAPACITY);
    await("all is settled").until(() -> bench.outbox().size() == 0);
  }

  @Test
  void who_is_not_known_hibernates() throws Exception {
    bench.server().token("another");
    bench.conversation().start();

    await("it hibernates")
        .until(() -> bench.status().state().equals(StatusReport.State.HIBERNATING.words()));
    int requests = bench.server().requests();
    await("slowly")
        .during(Duration.ofMillis(700))
        .until(() -> bench.server().requests() == requests);
    assertThat(requests).isEqualTo(1);
    assertThat(bench.status().problem()).contains("not accepted: status 401");
  }

  @Test
  void retry_after_is_kept() throws Exception {
    var first = new AtomicInteger();
    var times = new ArrayList<Long>();
    bench
        .server()
        .fault((_, exchange) -> {
          synchronized (times) {
            times.add(System.nanoTime());
          }
          if (first.getAndIncrement() > 0) {
            return false;
          }
          exchange.getResponseHeaders().set("Retry-After", "1");
          FakeQueueServer.problem(exchange, 503, "unavailable", "");
          return true;
        });
    bench.server().submit(ConversationBench.purge("c1").build());

    bench.conversation().start();
    bench.awaitEnd("c1");

    synchronized (times) {
      assertThat(Duration.ofNanos(times.get(1) - times.get(0)))
          .isBetween(Duration.ofSeconds(1), Duration.ofMillis(2_500));
    }
  }

  @Test
  void a_server_that_answers_empty_at_once_is_not_asked_in_a_busy_loop() throws Exception {
    bench
        .server()
        .fault((_, exchange) -> {
          byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, empty.length);
          exchange.getResponseBody().write(empty);
          return true;
        });
    bench.conversation().start();

    await("for a second").pollDelay(Duration.ofSeconds(1)).until(() -> true);

    assertThat(bench.server().requests()).isBetween(2, 30);
  }

  @Test
  void an_execution_that_cannot_be_read_is_rejected_and_the_others_go_on() throws Exception {
    PollAnswer.Execution good = ConversationBench.purge("good").key("").build();
    var bad =
        new PollAnswer.Execution(
            "bad",
            1,
            1,
            "purge",
            tools.jackson.databind.node.NullNode.getInstance(),
            good.configuration(),
            "",
            60,
            60,
            null);
    bench.server().submitAll(List.of(bad, good));

    bench.conversation().start();
    bench.awaitEnd("bad", "good");

    assertThat(bench.end("bad").outcome()).isEqualTo("rejected");
    assertThat(bench.end("bad").code()).isEqualTo("invalid");
    assertThat(bench.end("good").outcome()).isEqualTo("succeeded");
  }
}
