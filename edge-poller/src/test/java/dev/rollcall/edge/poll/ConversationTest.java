// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import static dev.rollcall.edge.poll.ConversationBench.CAPACITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.execute.Results;
import dev.rollcall.edge.fake.FakeDriver;
import dev.rollcall.edge.journal.Backlog;
import dev.rollcall.edge.journal.HeldLease;
import dev.rollcall.edge.journal.LeaseId;
import dev.rollcall.protocol.edge.PollAnswer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** How work comes in and results go out. */
final class ConversationTest {
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
  void work_is_leased_executed_reported_and_settled() throws Exception {
    bench.conversation().start();
    bench.awaitParked();

    bench.server().submit(ConversationBench.purge("c1").build());
    bench.awaitEnd("c1");

    assertThat(bench.end("c1").outcome()).isEqualTo("succeeded");
    assertThat(bench.end("c1").objects()).isEqualTo(1);
    await("all is settled").until(() -> bench.journal().backlog().equals(new Backlog(0, 0, 1)));
    JsonNode first = bench.server().polls().getFirst();
    assertThat(first.get("capacity").intValue()).isEqualTo(CAPACITY);
    assertThat(first.get("poller"))
        .hasToString("{\"instance\":\"me\",\"version\":\"test\",\"operations\":[\"purge\"]}");
  }

  @Test
  void a_result_does_not_wait_for_the_poll_that_is_held() throws Exception {
    var go = new CountDownLatch(1);
    bench.driver().on("/c1", FakeDriver.doneAfter(go));
    bench.conversation().start();
    bench.server().submit(ConversationBench.purge("c1").build());
    await("c1 runs").until(() -> bench.driver().executed().size() == 1);
    bench.awaitParked();
    int polls = bench.server().polls().size();
    long start = System.nanoTime();

    go.countDown();
    bench.awaitEnd("c1");

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    assertThat(bench.server().polls()).as("the held poll is not ended for it").hasSize(polls);
  }

  @Test
  void no_more_is_leased_than_there_is_room_for() throws Exception {
    var atOnce = new AtomicInteger();
    var most = new AtomicInteger();
    for (int i = 0; i < 40; i++) {
      bench
          .driver()
          .on(
              "/c" + i,
              (_, _) -> {
                most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                Thread.onSpinWait();
                atOnce.decrementAndGet();
                return FakeDriver.done();
              });
      bench.server().submit(ConversationBench.purge("c" + i).key("k" + i).build());
    }

    bench.conversation().start();
    await("all ended").until(() -> bench.server().ended() == 40);

    assertThat(most.get()).isBetween(1, CAPACITY);
    assertThat(bench.server().polls())
        .allMatch(poll -> poll.get("capacity").intValue() <= CAPACITY);
  }

  @Test
  void nothing_is_asked_for_while_there_is_no_room() throws Exception {
    var go = new CountDownLatch(1);
    for (int i = 0; i < CAPACITY + 1; i++) {
      bench
          .driver()
          .on(
              "/c" + i,
              (_, _) -> {
                go.await();
                return FakeDriver.done();
              });
      bench.server().submit(ConversationBench.purge("c" + i).key("k" + i).build());
    }
    bench.conversation().start();
    await("all places are taken").until(() -> bench.driver().executed().size() == CAPACITY);
    await("no poll is held")
        .during(Duration.ofMillis(300))
        .until(() -> bench.server().parked() == 0);

    go.countDown();

    await("all ended").until(() -> bench.server().ended() == CAPACITY + 1);
  }

  @Test
  void the_journal_is_reported_before_any_work_is_taken() throws Exception {
    List<HeldLease> leases = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      leases.add(
          new HeldLease(
              new LeaseId("old" + i, 3), "purge", Instant.now(), Instant.now().plusSeconds(60)));
    }
    bench.journal().received(leases);
    for (int i = 0; i < 1_400; i++) {
      bench.journal().finished(Results.released(new LeaseId("old" + i, 3), "c", "m"), () -> {});
    }
    bench.journal().flush();
    bench.server().submit(ConversationBench.purge("new").build());

    bench.conversation().start();
    bench.awaitEnd("new");

    List<JsonNode> polls = bench.server().polls();
    assertThat(polls.get(0).get("capacity").intValue()).isZero();
    assertThat(polls.get(0).get("results").size()).isEqualTo(1_000);
    assertThat(polls.get(1).get("results").size()).isEqualTo(500);
    assertThat(bench.server().results().stream().filter(r -> r.command().startsWith("old")))
        .hasSize(1_500)
        .allMatch(r -> r.outcome().equals("released") && r.lease() == 3);
    assertThat(bench.server().results().stream().filter(r -> "restarted".equals(r.code())))
        .hasSize(100);
    await("all is settled").until(() -> bench.journal().backlog().equals(new Backlog(0, 0, 1)));
  }

  @Test
  void a_cancelled_execution_that_has_not_begun_is_released() throws Exception {
    var go = new CountDownLatch(1);
    bench.driver().on("/c1", FakeDriver.doneAfter(go));
    bench
        .server()
        .submitAll(
            List.of(ConversationBench.purge("c1").build(), ConversationBench.purge("c2").build()));
    bench.conversation().start();
    await("c1 runs").until(() -> bench.driver().executed().size() == 1);
    bench.awaitParked();

    bench.server().cancel("c1");
    bench.server().cancel("c2");
    bench.awaitEnd("c2");
    assertThat(bench.end("c2").code()).isEqualTo("cancelled");
    go.countDown();
    bench.awaitEnd("c1");

    assertThat(bench.end("c1").outcome()).isEqualTo("succeeded");
  }

  @Test
  void a_long_execution_keeps_its_lease() throws Exception {
    var go = new CountDownLatch(1);
    bench.driver().on("/long", FakeDriver.doneAfter(go));
    bench.server().submit(ConversationBench.purge("long").lease(3).build());
    bench.conversation().start();
    await("it was renewed").until(() -> bench.server().renewals() >= 3);

    go.countDown();
    bench.awaitEnd("long");

    assertThat(bench.end("long").lease()).isEqualTo(1);
    assertThat(bench.server().results("long")).hasSize(1);
  }

  @Test
  void stopping_ends_the_held_poll_and_leaves_no_lease() throws Exception {
    bench.conversation().start();
    bench.awaitParked();
    long start = System.nanoTime();

    bench.work().drain();
    bench.conversation().stopPolling(Duration.ofSeconds(5));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    assertThat(bench.server().parked()).isZero();
    assertThat(bench.server().polls().getLast().get("capacity").intValue()).isZero();
    bench.server().submit(ConversationBench.purge("late").build());
    assertThat(bench.server().results("late")).isEmpty();
  }

  @Test
  void stopping_lets_a_report_finish_that_is_under_way_instead_of_sending_it_twice()
      throws Exception {
    var underWay = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    bench.conversation().start();
    bench.awaitParked();
    bench
        .server()
        .fault((path, _) -> {
          if (path.equals("/v1/edge/results")) {
            underWay.countDown();
            awaitUnchecked(go);
          }
          return false;
        });
    bench.server().submit(ConversationBench.purge("c").build());
    underWay.await();
    bench.work().drain();
    bench.conversation().stopPolling(Duration.ofSeconds(5));

    Thread stopping = stopping();
    await("it waits").until(() -> stopping.getState() == Thread.State.TIMED_WAITING);
    go.countDown();
    stopping.join();

    assertThat(bench.server().results("c")).hasSize(1);
    assertThat(bench.outbox().size()).isZero();
  }

  private Thread stopping() {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            bench.conversation().stop(Duration.ofSeconds(20));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_long_run_of_one_key_is_executed_in_order_and_in_few_requests() throws Exception {
    bench.stop();
    bench = new ConversationBench(state, 1_000);
    bench
        .server()
        .submitAll(
            IntStream.range(0, 5_000)
                .mapToObj(i -> ConversationBench.purge("c" + i).build())
                .toList());

    bench.conversation().start();
    await("all ended").atMost(Duration.ofSeconds(60)).until(() -> bench.server().ended() == 5_000);

    assertThat(bench.driver().executed())
        .isEqualTo(IntStream.range(0, 5_000).mapToObj(i -> "/c" + i).toList());
    assertThat(bench.server().requests()).isLessThan(400);
    Map<String, Long> verdicts =
        bench.server().verdicts().stream()
            .collect(Collectors.groupingBy(PollAnswer.VerdictItem::verdict, Collectors.counting()));
    assertThat(verdicts).isEqualTo(Map.of("accepted", 5_000L));
  }
}
