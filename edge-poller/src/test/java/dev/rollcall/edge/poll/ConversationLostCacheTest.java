// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import static dev.rollcall.edge.poll.ConversationBench.CAPACITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.fake.FakeDriver;
import dev.rollcall.edge.telemetry.StatusReport;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.edge.ResultItem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the poller says to its server while there is no cache to work on. */
final class ConversationLostCacheTest {
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

  private void start() {
    bench.cache().start();
    bench.conversation().start();
  }

  private int lastCapacity() {
    return bench.server().polls().getLast().get("capacity").intValue();
  }

  private void awaitParkedForNews() {
    await("a poll for news only is held")
        .until(() -> bench.server().parked() == 1 && lastCapacity() == 0);
  }

  private static List<PollAnswer.Execution> purges(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> ConversationBench.purge("c" + i).key("k" + i % 7).build())
        .toList();
  }

  @Test
  void what_is_leased_is_released_once_nothing_more_is_taken_and_no_attempt_is_lost()
      throws Exception {
    start();
    bench.awaitParked();
    bench.driver().away("refuses");

    bench.server().submitAll(purges(100));
    await("it is noticed").until(() -> bench.cache().isLost());
    awaitParkedForNews();
    await("nothing comes and goes meanwhile")
        .during(Duration.ofSeconds(1))
        .until(() -> bench.server().results().size() <= 2 * CAPACITY);

    assertThat(bench.server().results()).extracting(ResultItem::outcome).containsOnly("released");
    assertThat(bench.status().state()).isEqualTo(StatusReport.State.CACHE_LOST.words());
    assertThat(bench.status().cacheTrouble()).isNotNull();
    bench.driver().away(null);
    await("all ended").until(() -> bench.server().ended() == 100);
    assertThat(bench.server().results()).noneMatch(r -> r.outcome().equals("failed"));
    assertThat(bench.status().cacheTrouble()).isNull();
  }

  @Test
  void it_goes_on_as_soon_as_the_cache_is_back_and_not_when_the_held_poll_is_over()
      throws Exception {
    bench.driver().away("refuses");
    start();
    awaitParkedForNews();
    bench.server().submit(ConversationBench.purge("c1").build());

    bench.driver().away(null);
    long back = System.nanoTime();
    bench.awaitEnd("c1");

    assertThat(Duration.ofNanos(System.nanoTime() - back))
        .as("a probe within ten seconds at most, and then at once; the poll would be held for 30")
        .isLessThan(Duration.ofSeconds(12));
    assertThat(bench.server().results("c1")).hasSize(1);
  }

  @Test
  void a_poll_that_is_held_when_the_cache_goes_is_ended_before_it_is_handed_work()
      throws Exception {
    var go = new CountDownLatch(1);
    bench
        .driver()
        .on(
            "/c0",
            (_, _) -> {
              go.await();
              return new CacheReply.Unreachable("unreachable", "breaks off", true);
            });
    bench.server().submit(ConversationBench.purge("c0").key("z").build());
    start();
    await("c0 runs").until(() -> bench.driver().executed().contains("/c0"));
    bench.awaitParked();
    bench.driver().away("does not answer");
    assertThat(lastCapacity()).isPositive();

    go.countDown();
    awaitParkedForNews();
    bench.server().submit(ConversationBench.purge("c1").build());
    await("it is not handed out")
        .during(Duration.ofMillis(300))
        .until(() -> bench.server().results("c1").isEmpty());

    bench.driver().away(null);
    bench.awaitEnd("c1");
    assertThat(bench.server().results("c1")).hasSize(1);
  }

  @Test
  void cancels_are_heard_and_results_reported_while_the_cache_is_away() throws Exception {
    var go = new CountDownLatch(1);
    bench
        .driver()
        .on(
            "/hangs",
            (_, _) -> {
              go.await();
              return FakeDriver.failed(true);
            });
    bench.server().submit(ConversationBench.purge("hangs").key("a").build());
    start();
    await("it runs").until(() -> bench.driver().executed().contains("/hangs"));
    bench.driver().away("refuses");
    bench.server().submit(ConversationBench.purge("other").key("b").build());
    awaitParkedForNews();
    int polls = bench.server().polls().size();

    bench.server().cancel("hangs");
    await("it is told").until(() -> bench.server().polls().size() > polls);
    go.countDown();
    bench.server().cancel("other");

    await("the result came").until(() -> bench.server().results("hangs").size() == 1);
    await("all is settled").until(() -> bench.outbox().size() == 0);
  }

  @Test
  void a_server_that_does_not_hold_polls_is_not_asked_in_a_busy_loop() throws Exception {
    bench.driver().away("refuses");
    bench
        .server()
        .fault((_, exchange) -> {
          byte[] empty = "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, empty.length);
          exchange.getResponseBody().write(empty);
          return true;
        });
    start();
    await("it is noticed").until(() -> bench.cache().isLost());

    await("for a second").pollDelay(Duration.ofSeconds(1)).until(() -> true);

    assertThat(bench.server().requests()).isBetween(2, 30);
  }
}
