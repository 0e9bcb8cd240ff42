// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rollcall.server.telemetry.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BatcherTest {
  private final List<List<String>> batches = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch gate = new CountDownLatch(1);
  private final CountDownLatch firstIsIn = new CountDownLatch(1);
  private final Metrics metrics = new Metrics();
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    gate.countDown();
    callers.shutdownNow();
    metrics.close();
  }

  @Test
  void what_comes_while_a_batch_is_at_work_goes_together_into_the_next() throws Exception {
    try (Batcher<String, String> batcher = started(1, 100, this::gated)) {
      Future<String> first = callers.submit(() -> batcher.call("a"));
      firstIsIn.await();
      List<Future<String>> others = callAll(batcher, "b", "c", "d");
      gate.countDown();

      assertThat(first.get()).isEqualTo("A");
      assertThat(results(others)).containsExactly("B", "C", "D");
      assertThat(batches).hasSize(2);
      assertThat(batches.get(0)).containsExactly("a");
      assertThat(batches.get(1)).containsExactlyInAnyOrder("b", "c", "d");
    }
  }

  @Test
  void two_items_of_one_server_are_never_in_one_batch() throws Exception {
    try (Batcher<String, String> batcher = started(1, 100, this::gated)) {
      Future<String> first = callers.submit(() -> batcher.call("z"));
      firstIsIn.await();
      List<Future<String>> others = callAll(batcher, "a1", "a2", "b");
      gate.countDown();

      first.get();
      assertThat(results(others)).containsExactly("A1", "A2", "B");
      assertThat(batches.get(1)).hasSize(2).contains("b");
      assertThat(batches.get(2)).hasSize(1).doesNotContain("b");
    }
  }

  @Test
  void two_items_of_one_server_are_never_at_work_at_once() throws Exception {
    try (Batcher<String, String> batcher = started(2, 100, this::gated)) {
      Future<String> first = callers.submit(() -> batcher.call("a1"));
      firstIsIn.await();
      Future<String> second = callers.submit(() -> batcher.call("a2"));
      Awaitility.await("it is in line").until(() -> waiting(batcher) == 1);
      Future<String> other = callers.submit(() -> batcher.call("b"));
      Awaitility.await("the other worker has taken something").until(() -> batches.size() == 2);

      assertThat(batches).containsExactly(List.of("a1"), List.of("b"));
      gate.countDown();
      assertThat(first.get()).isEqualTo("A1");
      assertThat(second.get()).isEqualTo("A2");
      assertThat(other.get()).isEqualTo("B");
    }
  }

  @Test
  void an_item_that_fails_fails_alone() throws Exception {
    Batcher.Work<String, String> run =
        items -> {
          if (items.contains("poison")) {
            throw new IllegalStateException("poison");
          }
          return gated(items);
        };
    try (Batcher<String, String> batcher = started(1, 100, run)) {
      Future<String> first = callers.submit(() -> batcher.call("a"));
      firstIsIn.await();
      Future<String> good = callers.submit(() -> batcher.call("b"));
      Future<Exception> bad = callers.submit(() -> failure(batcher, "poison"));
      Awaitility.await("both in line").until(() -> waiting(batcher) == 2);
      gate.countDown();

      assertThat(first.get()).isEqualTo("A");
      assertThat(good.get()).isEqualTo("B");
      assertThat(bad.get()).hasMessage("poison");
    }
  }

  @Test
  void a_line_that_is_full_refuses() throws Exception {
    try (Batcher<String, String> batcher = started(1, 2, this::gated)) {
      Future<String> first = callers.submit(() -> batcher.call("a"));
      firstIsIn.await();
      List<Future<String>> others = callAll(batcher, "b", "c");

      assertThatExceptionOfType(Batcher.RefusedException.class).isThrownBy(() -> batcher.call("d"));
      gate.countDown();
      assertThat(first.get()).isEqualTo("A");
      assertThat(results(others)).containsExactly("B", "C");
    }
  }

  @Test
  void closing_finishes_what_was_handed_in_and_refuses_more() throws Exception {
    Batcher<String, String> batcher = started(1, 100, this::gated);
    Future<String> first = callers.submit(() -> batcher.call("a"));
    firstIsIn.await();
    List<Future<String>> others = callAll(batcher, "b");
    gate.countDown();
    batcher.close();

    assertThat(first.get()).isEqualTo("A");
    assertThat(results(others)).containsExactly("B");
    assertThatExceptionOfType(Batcher.RefusedException.class).isThrownBy(() -> batcher.call("c"));
  }

  @Test
  void a_batch_of_one_that_fails_is_not_repeated() {
    var runs = new ArrayList<String>();
    Batcher.Work<String, String> run =
        items -> {
          runs.addAll(items);
          throw new IllegalStateException("no");
        };
    try (Batcher<String, String> batcher = started(1, 100, run)) {
      assertThatIllegalStateException().isThrownBy(() -> batcher.call("a"));
      assertThat(runs).containsExactly("a");
    }
  }

  @Test
  void what_is_refused_for_having_waited_too_long_is_not_done_and_what_is_at_work_is_waited_for()
      throws Exception {
    try (Batcher<String, String> batcher = started(1, 100, Duration.ofMillis(50), this::gated)) {
      Future<String> first = callers.submit(() -> batcher.call("a"));
      firstIsIn.await();
      assertThat(failure(batcher, "b"))
          .isInstanceOf(Batcher.RefusedException.class)
          .hasMessageContaining("not begun");
      assertThat(batcher.waiting()).isZero();
      assertThat(first).isNotDone();
      gate.countDown();

      assertThat(first.get()).isEqualTo("A");
      assertThat(batcher.call("c")).isEqualTo("C");
      assertThat(batches).containsExactly(List.of("a"), List.of("c"));
    }
  }

  private Batcher<String, String> started(
      int workers, int mostWaiting, Batcher.Work<String, String> run) {
    return started(workers, mostWaiting, Duration.ofSeconds(10), run);
  }

  private Batcher<String, String> started(
      int workers, int mostWaiting, Duration longestWait, Batcher.Work<String, String> run) {
    var batcher =
        new Batcher<String, String>(
            new Batcher.Limits("test", workers, 100, mostWaiting, longestWait),
            metrics,
            item -> item.substring(0, 1),
            item -> 1,
            run);
    batcher.start();
    return batcher;
  }

  private List<String> gated(List<String> items) {
    assertThat(new HashSet<>(items)).hasSameSizeAs(items);
    batches.add(items);
    firstIsIn.countDown();
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return items.stream().map(item -> item.toUpperCase(java.util.Locale.ROOT)).toList();
  }

  private List<Future<String>> callAll(Batcher<String, String> batcher, String... items) {
    List<Future<String>> calls = new ArrayList<>();
    for (String item : items) {
      calls.add(callers.submit(() -> batcher.call(item)));
    }
    Awaitility.await("all in line")
        .until(() -> waiting(batcher) >= items.length - (batches.size() - 1));
    return calls;
  }

  private static int waiting(Batcher<String, String> batcher) {
    return batcher.waiting();
  }

  private static List<String> results(List<Future<String>> calls) throws Exception {
    List<String> results = new ArrayList<>();
    for (Future<String> call : calls) {
      results.add(call.get());
    }
    return results;
  }

  private static Exception failure(Batcher<String, String> batcher, String item) {
    try {
      batcher.call(item);
      throw new AssertionError("did not fail");
    } catch (RuntimeException e) {
      return e;
    }
  }
}
