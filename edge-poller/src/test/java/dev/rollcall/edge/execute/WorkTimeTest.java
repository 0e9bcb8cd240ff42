// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.fake.FakeDriver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What ends when. */
final class WorkTimeTest {
  @TempDir private Path state;
  @RegisterExtension final WorkBench bench = new WorkBench(() -> state);

  @Test
  void an_execution_ends_in_time_before_its_lease_does() throws Exception {
    bench.driver().on("/hang", (_, _) -> hang());
    long start = System.nanoTime();

    bench.accept(WorkBench.purge("hang").lease(2), WorkBench.purge("next"));
    bench.awaitResults(2);

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(900), Duration.ofMillis(1_900));
    assertThat(bench.outcomes()).containsExactly("hang failed timeout", "next released run-broken");
  }

  @Test
  void an_execution_ends_at_its_own_bound_however_long_the_lease_is() throws Exception {
    bench.executionLimit(Duration.ofMillis(300));
    bench.driver().on("/hang", (_, _) -> hang());

    bench.accept(WorkBench.purge("hang").lease(3_600));
    bench.awaitResults(1);

    assertThat(bench.outcomes()).containsExactly("hang failed timeout");
  }

  @Test
  void a_lease_longer_than_any_may_be_counts_as_the_longest() throws Exception {
    bench.accept(WorkBench.purge("huge").lease(Long.MAX_VALUE), WorkBench.purge("never").lease(-1));
    bench.awaitResults(2);

    assertThat(bench.outcomes())
        .containsExactly("huge succeeded deleted", "never failed lease-too-short");
    assertThat(bench.work().free()).isEqualTo(10);
  }

  private static CacheReply hang() throws InterruptedException {
    new CountDownLatch(1).await();
    return FakeDriver.done();
  }

  @Test
  void a_driver_that_does_not_let_itself_be_interrupted_does_not_stop_the_others()
      throws Exception {
    var end = new CountDownLatch(1);
    bench
        .driver()
        .on(
            "/deaf",
            (_, _) -> {
              while (end.getCount() > 0) {
                try {
                  end.await();
                } catch (InterruptedException e) {
                  // deaf
                }
              }
              return FakeDriver.done();
            });

    bench.accept(WorkBench.purge("deaf").lease(2));
    bench.awaitResults(1);
    bench.accept(WorkBench.purge("next"));
    bench.awaitResults(2);

    assertThat(bench.outcomes()).containsExactly("deaf failed timeout", "next succeeded deleted");
    end.countDown();
  }

  @Test
  void a_lease_that_leaves_no_time_at_all_is_a_failure_and_not_released_for_ever()
      throws Exception {
    bench.accept(WorkBench.purge("a1").lease(1));
    bench.awaitResults(1);

    assertThat(bench.outcomes()).containsExactly("a1 failed lease-too-short");
    assertThat(bench.driver().executed()).isEmpty();
  }

  @Test
  void what_has_no_time_left_when_its_turn_comes_is_released() throws Exception {
    bench
        .work()
        .accept(
            List.of(WorkBench.purge("a1").lease(10).build()),
            System.nanoTime() - Duration.ofSeconds(9).toNanos());
    bench.awaitResults(1);

    assertThat(bench.outcomes()).containsExactly("a1 released lease-ran-out");
  }

  @Test
  void draining_releases_what_waits_and_lets_what_runs_finish() throws Exception {
    var go = new CountDownLatch(1);
    bench.driver().on("/a1", FakeDriver.doneAfter(go));
    bench.accept(WorkBench.purge("a1"), WorkBench.purge("a2"));
    await("a1 runs").until(() -> bench.driver().executed().size() == 1);

    bench.work().drain();
    bench.accept(WorkBench.purge("late").key("l"));
    bench.awaitResults(2);
    assertThat(bench.outcomes())
        .containsExactlyInAnyOrder("a2 released stopping", "late released stopping");
    assertThat(bench.work().awaitIdle(Duration.ofMillis(50))).isFalse();
    go.countDown();

    assertThat(bench.work().awaitIdle(Duration.ofSeconds(5))).isTrue();
    bench.awaitResults(3);
    assertThat(bench.outcomes()).endsWith("a1 succeeded deleted");
  }

  @Test
  void what_does_not_finish_is_given_up_and_released() throws Exception {
    bench.driver().on("/hang", (_, _) -> hang());
    bench.accept(WorkBench.purge("hang"));
    await("it runs").until(() -> bench.driver().executed().size() == 1);

    bench.work().drain();
    bench.work().abort();
    bench.awaitResults(1);

    assertThat(bench.outcomes()).containsExactly("hang released stopping");
  }

  @Test
  void a_lease_is_renewed_while_its_execution_runs_and_only_then() throws Exception {
    bench.driver().on("/hang", (_, _) -> hang());
    bench.accept(WorkBench.purge("hang").lease(4), WorkBench.purge("waits").lease(4));

    List<Renewals.Renewal> due = bench.work().renewals().awaitDue();
    assertThat(due)
        .containsExactly(new Renewals.Renewal(new dev.rollcall.edge.journal.LeaseId("hang", 1), 4));
    bench.work().renewals().renewed(due.getFirst().id(), Duration.ofSeconds(60), System.nanoTime());
    await("the old limit passes").pollDelay(Duration.ofSeconds(3)).until(() -> true);
    assertThat(bench.results()).isEmpty();

    bench.work().renewals().lost(due.getFirst().id());
    bench.awaitResults(2);
    assertThat(bench.outcomes())
        .containsExactly("hang failed lease-lost", "waits released run-broken");
  }

  @Test
  void a_lease_that_outlasts_the_execution_bound_is_not_renewed() throws Exception {
    bench.executionLimit(Duration.ofSeconds(2));
    bench.driver().on("/hang", (_, _) -> hang());
    bench.accept(WorkBench.purge("hang").lease(4));
    var due = new CopyOnWriteArrayList<Renewals.Renewal>();
    Thread keeper =
        Thread.ofVirtual()
            .start(() -> {
              try {
                due.addAll(bench.work().renewals().awaitDue());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    bench.awaitResults(1);
    keeper.interrupt();
    keeper.join();

    assertThat(due).isEmpty();
    assertThat(bench.outcomes()).containsExactly("hang failed timeout");
  }
}
