// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.protocol.edge.ResultItem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of executions when their cache is not there. */
final class LostCacheTest {
  @TempDir private Path state;
  @RegisterExtension final WorkBench bench = new WorkBench(() -> state);

  @Test
  void what_never_reached_it_is_released_and_costs_no_attempt() throws Exception {
    bench.driver().away("refuses the connection");

    bench.accept(WorkBench.purge("a1"), WorkBench.purge("a2"), WorkBench.purge("a3"));
    bench.awaitResults(3);

    assertThat(bench.outcomes())
        .containsExactly(
            "a1 released unreachable", "a2 released run-broken", "a3 released run-broken");
    assertThat(bench.results().getFirst().message()).isEqualTo("refuses the connection");
    assertThat(bench.driver().executed()).containsExactly("/a1");
    assertThat(bench.work().cache().isLost()).isTrue();
  }

  @Test
  void what_may_have_reached_it_fails() throws Exception {
    bench
        .driver()
        .on("/a1", (_, _) -> new CacheReply.Unreachable("unreachable", "breaks off", true));

    bench.accept(WorkBench.purge("a1"), WorkBench.purge("a2"));
    bench.awaitResults(2);

    assertThat(bench.outcomes()).containsExactly("a1 failed unreachable", "a2 released run-broken");
    assertThat(bench.results().getFirst().retry()).isNull();
    assertThat(bench.work().cache().isLost()).as("before it was asked").isFalse();
  }

  @Test
  void while_it_is_lost_nothing_is_begun() throws Exception {
    bench.work().cache().met(new CacheReply.Unreachable("unreachable", "refuses", false));

    bench.accept(
        WorkBench.purge("a1"),
        WorkBench.purge("b1").key("b"),
        Executions.of("no", "melt", "{}").key("c"));
    bench.awaitResults(3);

    assertThat(bench.outcomes())
        .containsExactlyInAnyOrder(
            "a1 released unreachable", "b1 released unreachable", "no rejected unsupported");
    assertThat(bench.driver().executed()).isEmpty();
  }

  @Test
  void what_succeeded_here_before_is_reported_also_without_it() throws Exception {
    bench.accept(WorkBench.purge("a1"));
    bench.awaitResults(1);
    bench.work().cache().met(new CacheReply.Unreachable("unreachable", "refuses", false));

    bench.work().accept(List.of(WorkBench.purge("a1").build(2)), System.nanoTime());
    bench.awaitResults(2);

    assertThat(bench.outcomes()).containsExactly("a1 succeeded deleted", "a1 succeeded deleted");
  }

  @Test
  void what_waits_is_released_once_and_what_runs_goes_on() throws Exception {
    var go = new CountDownLatch(1);
    bench
        .driver()
        .on(
            "/a1",
            (_, _) -> {
              go.await();
              return new CacheReply.Failed("timeout", "not in time", true);
            });
    bench.accept(WorkBench.purge("a1"), WorkBench.purge("a2"), WorkBench.purge("a3"));
    await("a1 runs").until(() -> bench.driver().executed().size() == 1);

    bench.work().setAside();
    bench.work().setAside();
    bench.awaitResults(2);
    assertThat(bench.outcomes())
        .containsExactly("a2 released unreachable", "a3 released unreachable");
    go.countDown();
    assertThat(bench.work().awaitIdle(Duration.ofSeconds(5))).isTrue();
    bench.awaitResults(3);

    assertThat(bench.results()).extracting(ResultItem::command).containsExactly("a2", "a3", "a1");
  }

  @Test
  void an_execution_that_ran_out_of_time_lets_the_cache_be_asked() throws Exception {
    bench.work().cache().probeIfDue();
    bench
        .driver()
        .on(
            "/a1",
            (_, _) -> {
              new CountDownLatch(1).await();
              return new CacheReply.Failed("never", "never", true);
            });

    bench.accept(WorkBench.purge("a1").lease(2));
    bench.awaitResults(1);

    assertThat(bench.outcomes()).containsExactly("a1 failed timeout");
    assertThat(bench.work().cache().probeIfDue()).isTrue();
  }
}
