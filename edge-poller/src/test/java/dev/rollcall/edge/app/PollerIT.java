// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.fake.FakeQueueServer;
import dev.rollcall.edge.fake.PollerProcess;
import dev.rollcall.protocol.edge.ResultItem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left when the process ends in this way or that. */
final class PollerIT {
  @TempDir private Path home;
  private PollerBench bench;

  @BeforeEach
  void prepare() throws IOException {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
    bench = new PollerBench(home);
  }

  @AfterEach
  void stop() {
    bench.stop();
    Awaitility.reset();
  }

  @Test
  void load_and_purge_go_the_whole_way() throws Exception {
    bench.start();
    bench.awaitParked();

    bench.server().submit(PollerBench.load("a").build());
    assertThat(bench.awaitEnd("a").outcome()).isEqualTo("succeeded");
    assertThat(bench.content("a")).hasContent("/a for the 1. time");

    bench.server().submit(Executions.purge("p", "https://www.acme.example/a").build());
    assertThat(bench.awaitEnd("p").objects()).isEqualTo(1);
    assertThat(bench.content("a")).doesNotExist();
  }

  @Test
  void killed_between_executing_and_reporting_the_result_comes_from_the_journal() throws Exception {
    var reporting = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    PollerProcess poller = bench.start();
    bench.awaitParked();
    bench
        .server()
        .fault((path, exchange) -> {
          if (path.equals("/v1/edge/results")) {
            reporting.countDown();
            awaitUnchecked(never);
          }
          return false;
        });
    bench.server().submit(PollerBench.load("a").build());
    assertThat(reporting.await(30, TimeUnit.SECONDS)).isTrue();

    poller.kill();
    assertThat(bench.server().end("a")).isNull();
    bench.server().fault(null);
    bench.start();

    assertThat(bench.awaitEnd("a").outcome()).isEqualTo("succeeded");
    assertThat(bench.awaitEnd("a").lease()).isEqualTo(1);
    assertThat(bench.origin().asked("/a")).as("the cache was not asked again").isEqualTo(1);

    // The server lost its memory of it, and hands it out again.
    bench.server().submit(PollerBench.load("a").build());
    assertThat(bench.awaitEnd("a").outcome()).isEqualTo("succeeded");
    assertThat(bench.origin().asked("/a")).as("nor was it for another lease").isEqualTo(1);
    never.countDown();
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void killed_while_executing_the_lease_is_released_and_executed_anew() throws Exception {
    var asked = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    bench
        .origin()
        .page(
            "/a",
            exchange -> {
              asked.countDown();
              if (bench.origin().asked("/a") == 1) {
                awaitUnchecked(never);
              }
              FakeOrigin.answer(exchange, 200, "second");
            });
    PollerProcess poller = bench.start();
    bench.server().submitAll(List.of(PollerBench.load("a").build(), PollerBench.load("b").build()));
    assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();

    poller.kill();
    bench.start();

    assertThat(bench.awaitEnd("a").outcome()).isEqualTo("succeeded");
    assertThat(bench.awaitEnd("b").outcome()).isEqualTo("succeeded");
    assertThat(bench.server().results("a"))
        .extracting(ResultItem::outcome)
        .containsExactly("released", "succeeded");
    assertThat(bench.server().results("a").getFirst().code()).isEqualTo("restarted");
    assertThat(bench.content("a")).hasContent("second");
    never.countDown();
  }

  @Test
  void killed_again_and_again_nothing_is_lost_and_nothing_counted_twice() throws Exception {
    bench
        .server()
        .submitAll(
            java.util.stream.IntStream.range(0, 600)
                .mapToObj(i -> PollerBench.load("f" + i).key("k" + i % 20).lease(5).build())
                .toList());
    for (int kill = 1; kill <= 4; kill++) {
      PollerProcess poller = bench.start();
      int enough = kill * 100;
      await("some are done").until(() -> bench.server().ended() >= enough);
      poller.kill();
    }
    bench.start();
    await("all ended").until(() -> bench.server().ended() == 600);

    assertThat(bench.server().verdicts().stream().filter(v -> v.verdict().equals("accepted")))
        .filteredOn(v ->
            bench.server().results(v.command()).stream()
                .anyMatch(r -> r.lease() == v.lease() && r.outcome().equals("succeeded")))
        .hasSize(600);
    long more = 0;
    for (int i = 0; i < 600; i++) {
      assertThat(Objects.requireNonNull(bench.server().end("f" + i)).outcome())
          .isEqualTo("succeeded");
      more += bench.origin().asked("/f" + i) - 1;
    }
    assertThat(more).as("asked again, of at most 16 at work at each of 4 kills").isLessThan(65);
  }

  @Test
  void terminated_while_parked_it_ends_at_once_with_status_0() throws Exception {
    PollerProcess poller = bench.start();
    bench.awaitParked();
    long start = System.nanoTime();

    assertThat(poller.terminate()).isZero();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    assertThat(bench.server().parked()).isZero();
    assertThat(poller.err()).contains("stopping", "stopped owed=0").doesNotContain("ERROR");
  }

  @Test
  void terminated_in_mid_execution_it_finishes_or_releases_within_ten_seconds() throws Exception {
    var never = new CountDownLatch(1);
    var asked = new CountDownLatch(2);
    bench
        .origin()
        .page(
            "/slow",
            exchange -> {
              asked.countDown();
              never.await(2, TimeUnit.SECONDS);
              FakeOrigin.answer(exchange, 200, "slow");
            });
    bench
        .origin()
        .page(
            "/hang",
            exchange -> {
              asked.countDown();
              never.await();
            });
    PollerProcess poller = bench.start();
    bench
        .server()
        .submitAll(
            List.of(
                PollerBench.load("slow").key("s").build(),
                PollerBench.load("hang").key("h").build(),
                PollerBench.load("after").key("h").build()));
    assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
    long start = System.nanoTime();

    assertThat(poller.terminate()).isZero();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    assertThat(bench.server().counted("slow"))
        .extracting(ResultItem::outcome)
        .containsExactly("succeeded");
    assertThat(bench.server().counted("hang"))
        .extracting(ResultItem::outcome)
        .containsExactly("released");
    assertThat(bench.server().counted("after"))
        .extracting(ResultItem::outcome)
        .containsExactly("released");
    never.countDown();
  }

  @Test
  void terminated_with_a_server_that_hangs_it_ends_within_ten_seconds_and_owes_nothing_lost()
      throws Exception {
    PollerProcess poller = bench.start();
    bench.awaitParked();
    var never = new CountDownLatch(1);
    bench
        .server()
        .fault((path, exchange) -> {
          awaitUnchecked(never);
          return false;
        });
    bench.server().submit(PollerBench.load("a").build());
    await("it is executed").until(() -> bench.origin().asked("/a") == 1);
    long start = System.nanoTime();

    assertThat(poller.terminate()).isZero();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    bench.server().fault(null);
    never.countDown();
    bench.start();
    assertThat(bench.awaitEnd("a").outcome()).isEqualTo("succeeded");
    assertThat(bench.origin().asked("/a")).isEqualTo(1);
  }

  @Test
  void a_server_that_comes_back_is_found_again() throws Exception {
    PollerProcess poller = bench.start();
    bench.awaitParked();
    int port = bench.server().address().getPort();
    bench.server().close();
    await("it is noticed").until(() -> poller.err().contains("no answer that can be used"));

    bench.server(new FakeQueueServer(port));
    bench.server().submit(PollerBench.load("a").build());

    assertThat(bench.awaitEnd("a").outcome()).isEqualTo("succeeded");
    assertThat(poller.err()).contains("the server answers again");
  }
}
