// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.fake.FakeDriver;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.edge.ResultItem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What runs when, and what is released. */
final class WorkTest {
  @TempDir private Path state;
  @RegisterExtension final WorkBench bench = new WorkBench(() -> state);

  @Test
  void executions_of_a_key_run_in_order_and_keys_beside_each_other() throws Exception {
    var b = new CountDownLatch(1);
    bench.driver().on("/a1", FakeDriver.doneAfter(b));
    bench
        .driver()
        .on(
            "/b1",
            (_, _) -> {
              b.countDown();
              return FakeDriver.done();
            });

    bench.accept(
        WorkBench.purge("a1").key("a"),
        WorkBench.purge("a2").key("a"),
        WorkBench.purge("b1").key("b"),
        WorkBench.purge("a3").key("a"));
    bench.awaitResults(4);

    assertThat(bench.driver().executed()).containsSubsequence("/a1", "/a2", "/a3");
    assertThat(bench.results()).allMatch(r -> r.outcome().equals("succeeded"));
    assertThat(bench.work().free()).isEqualTo(10);
  }

  @Test
  void executions_without_a_key_have_no_order() throws Exception {
    var second = new CountDownLatch(1);
    bench.driver().on("/n1", FakeDriver.doneAfter(second));
    bench
        .driver()
        .on(
            "/n2",
            (_, _) -> {
              second.countDown();
              return FakeDriver.done();
            });

    bench.accept(WorkBench.purge("n1").key(""), WorkBench.purge("n2").key(""));
    bench.awaitResults(2);

    assertThat(bench.results()).allMatch(r -> r.outcome().equals("succeeded"));
  }

  @Test
  void what_follows_a_failure_in_its_run_is_released_unexecuted() throws Exception {
    bench.driver().on("/a2", (_, _) -> FakeDriver.failed(true));

    bench.accept(
        WorkBench.purge("a1"),
        WorkBench.purge("a2"),
        WorkBench.purge("a3"),
        WorkBench.purge("a4"),
        WorkBench.purge("b1").key("b"));
    bench.awaitResults(5);

    assertThat(bench.outcomes())
        .containsSubsequence(
            "a1 succeeded deleted",
            "a2 failed down",
            "a3 released run-broken",
            "a4 released run-broken");
    assertThat(bench.driver().executed()).containsExactlyInAnyOrder("/a1", "/a2", "/b1");
  }

  @Test
  void what_follows_a_final_failure_or_a_rejection_goes_on() throws Exception {
    bench.driver().on("/a1", (_, _) -> FakeDriver.failed(false));
    bench.driver().on("/a2", (_, _) -> new CacheReply.Rejected("unsupported", "cannot"));

    bench.accept(WorkBench.purge("a1"), WorkBench.purge("a2"), WorkBench.purge("a3"));
    bench.awaitResults(3);

    assertThat(bench.outcomes())
        .containsExactly("a1 failed down", "a2 rejected unsupported", "a3 succeeded deleted");
    assertThat(bench.results().getFirst().retry()).isFalse();
  }

  @Test
  void the_next_run_of_a_key_waits_for_the_one_before_and_is_not_broken_by_it() throws Exception {
    var go = new CountDownLatch(1);
    bench
        .driver()
        .on(
            "/a1",
            (_, _) -> {
              go.await();
              return FakeDriver.failed(true);
            });
    bench.accept(WorkBench.purge("a1"), WorkBench.purge("a2"));
    bench.accept(WorkBench.purge("a3"));
    go.countDown();
    bench.awaitResults(3);

    assertThat(bench.outcomes())
        .containsExactly("a1 failed down", "a2 released run-broken", "a3 succeeded deleted");
  }

  @Test
  void a_redelivered_execution_that_succeeded_is_reported_and_not_run() throws Exception {
    bench.work().accept(List.of(WorkBench.purge("a1").build(1)), System.nanoTime());
    bench.awaitResults(1);

    bench.work().accept(List.of(WorkBench.purge("a1").build(7)), System.nanoTime());
    bench.awaitResults(2);

    assertThat(bench.driver().executed()).containsExactly("/a1");
    assertThat(bench.results().get(1).lease()).isEqualTo(7);
    assertThat(bench.results().get(1))
        .isEqualTo(
            Results.again(new dev.rollcall.edge.journal.LeaseId("a1", 7), bench.results().get(0)));
  }

  @Test
  void a_redelivered_execution_that_failed_is_run_again() throws Exception {
    bench.driver().on("/a1", (_, _) -> FakeDriver.failed(true));
    bench.work().accept(List.of(WorkBench.purge("a1").build(1)), System.nanoTime());
    bench.work().accept(List.of(WorkBench.purge("a1").build(2)), System.nanoTime());
    bench.awaitResults(2);

    assertThat(bench.driver().executed()).containsExactly("/a1", "/a1");
  }

  @Test
  void one_lease_is_taken_once() throws Exception {
    var go = new CountDownLatch(1);
    bench.driver().on("/a1", FakeDriver.doneAfter(go));
    bench.accept(WorkBench.purge("a1"));
    bench.accept(WorkBench.purge("a1"));
    go.countDown();
    assertThat(bench.work().awaitIdle(Duration.ofSeconds(5))).isTrue();
    bench.journal().flush();

    assertThat(bench.results()).hasSize(1);
  }

  @Test
  void a_driver_that_breaks_fails_its_execution_only() throws Exception {
    bench
        .driver()
        .on(
            "/npe",
            (_, _) -> {
              throw new IllegalStateException("a bug");
            });
    bench
        .driver()
        .on(
            "/deep",
            (_, _) -> {
              throw new StackOverflowError();
            });

    bench.accept(
        WorkBench.purge("npe"), WorkBench.purge("deep").key("d"), WorkBench.purge("next").key("n"));
    bench.awaitResults(3);

    assertThat(bench.outcomes())
        .containsExactlyInAnyOrder(
            "npe failed internal", "deep failed internal", "next succeeded deleted");
  }

  @Test
  void a_cancelled_execution_that_waits_is_released_with_what_follows_and_one_that_runs_ends()
      throws Exception {
    var go = new CountDownLatch(1);
    bench.driver().on("/a1", FakeDriver.doneAfter(go));
    bench.accept(
        WorkBench.purge("a1"), WorkBench.purge("a2"), WorkBench.purge("a3"), WorkBench.purge("a4"));
    await("a1 runs").until(() -> bench.driver().executed().size() == 1);

    bench
        .work()
        .cancelled(
            List.of(
                new PollAnswer.LeaseRef("a1", 1),
                new PollAnswer.LeaseRef("a3", 1),
                new PollAnswer.LeaseRef("nothing", 1)));
    bench.awaitResults(2);
    assertThat(bench.outcomes()).containsExactly("a3 released cancelled", "a4 released run-broken");
    go.countDown();
    bench.awaitResults(4);

    assertThat(bench.outcomes()).endsWith("a1 succeeded deleted", "a2 succeeded deleted");
  }

  @Test
  void a_storm_of_keys_keeps_every_order_and_every_lease_gets_one_result() throws Exception {
    bench.executionLimit(Duration.ofMinutes(5));
    List<PollAnswer.Execution> executions = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      executions.add(WorkBench.purge("s" + i).key("k" + i % 37).build());
    }

    bench.work().accept(executions, System.nanoTime());
    bench.awaitResults(2_000);

    assertThat(bench.results().stream().map(ResultItem::command).distinct()).hasSize(2_000);
    for (int k = 0; k < 37; k++) {
      int key = k;
      List<Integer> order =
          bench.driver().executed().stream()
              .map(path -> Integer.parseInt(path.substring(2)))
              .filter(i -> i % 37 == key)
              .toList();
      assertThat(order).isSorted();
    }
  }
}
