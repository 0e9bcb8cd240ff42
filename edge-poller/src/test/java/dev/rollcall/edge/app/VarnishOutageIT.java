// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.fake.PollerProcess;
import dev.rollcall.edge.fake.Varnish;
import dev.rollcall.protocol.edge.ResultItem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Varnish that is killed, and started again much later than all attempts would last: the
 * fake queue server hands out at once what failed, five times.
 */
final class VarnishOutageIT {
  private static final Duration OUTAGE = Duration.ofSeconds(6);
  private static final int PURGES = 300;

  @TempDir private Path home;
  private FakeOrigin origin;
  private Path varnishHome;
  private int port;
  private Varnish varnish;
  private PollerBench bench;

  @BeforeAll
  static void assume() {
    assumeTrue(Varnish.isInstalled(), Varnish.MISSING);
  }

  @BeforeEach
  void prepare() throws Exception {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
    origin = new FakeOrigin();
    varnishHome = Files.createDirectory(home.resolve("varnish"));
    port = Varnish.freePort();
    varnish = Varnish.start(varnishHome, port, origin.port(), "");
    bench =
        new PollerBench(
            home, "{driver: varnish, address: \"http://127.0.0.1:%d\"}".formatted(port));
  }

  @AfterEach
  void stop() {
    bench.stop();
    varnish.close();
    origin.close();
    Awaitility.reset();
  }

  private void startVarnishAgain() throws Exception {
    Files.delete(varnishHome.resolve("varnishd.log"));
    varnish = Varnish.start(varnishHome, port, origin.port(), "");
  }

  private void submit(int from, int to) {
    bench
        .server()
        .submitAll(
            IntStream.range(from, to)
                .mapToObj(i ->
                    Executions.purge("p" + i, "https://www.acme.example/" + i)
                        .key("k" + i % 20)
                        .build())
                .toList());
  }

  @Test
  void every_purge_outlives_a_cache_that_is_killed_and_long_away() throws Exception {
    PollerProcess poller = bench.start();
    bench.awaitParked();
    submit(0, PURGES / 3);
    await("some are done").until(() -> bench.server().ended() > PURGES / 10);

    varnish.kill();
    submit(PURGES / 3, PURGES);
    await("it is noticed").until(() -> poller.err().contains("the cache cannot be reached"));
    await("the status tells of it").until(() -> bench.command("status").status() == 1);
    assertThat(bench.command("status").out())
        .contains("waiting for the cache", "the cache cannot be reached since", "asked again");
    await("the outage").pollDelay(OUTAGE).until(() -> true);
    int ended = bench.server().ended();
    startVarnishAgain();
    await("all ended").until(() -> bench.server().ended() == PURGES);

    assertThat(ended).as("done before it was started again").isLessThan(PURGES);
    for (int i = 0; i < PURGES; i++) {
      assertThat(Objects.requireNonNull(bench.server().end("p" + i)).outcome())
          .isEqualTo("succeeded");
    }
    List<ResultItem> results = bench.server().results();
    assertThat(results.stream().filter(r -> r.outcome().equals("failed")))
        .as("what was at hand, over connections that were kept")
        .hasSizeLessThanOrEqualTo(16);
    assertThat(results.stream().filter(r -> r.outcome().equals("released")))
        .as("what was leased when the cache went, and when it was being found out")
        .hasSizeLessThanOrEqualTo(2 * 16);
    assertThat(poller.err().lines().filter(line -> line.contains("execute: the cache ")))
        .as("told once that it went, and once that it came back")
        .hasSize(2);
    await("the status is well").until(() -> bench.command("status").status() == 0);
  }

  @Test
  void a_poller_that_starts_before_its_cache_waits_for_it() throws Exception {
    varnish.kill();
    submit(0, 20);
    PollerProcess poller = bench.start();
    await("it is noticed").until(() -> poller.err().contains("the cache cannot be reached"));
    assertThat(poller.err()).contains("is varnishd running?");

    startVarnishAgain();
    await("all ended").until(() -> bench.server().ended() == 20);

    assertThat(bench.server().results()).noneMatch(r -> r.outcome().equals("failed"));
  }
}
