// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ParallelTest {
  @Test
  void answers_come_in_the_order_of_the_items() throws Exception {
    var second = new CountDownLatch(1);

    List<Integer> answers =
        Parallel.map(
            List.of(1, 2),
            2,
            i -> {
              if (i == 1) {
                second.await();
              } else {
                second.countDown();
              }
              return i * 10;
            });

    assertThat(answers).containsExactly(10, 20);
  }

  @Test
  void a_step_that_breaks_breaks_the_caller_and_not_the_process() {
    var uncaught = new AtomicInteger();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((_, _) -> uncaught.incrementAndGet());
    try {
      assertThatIllegalStateException()
          .isThrownBy(() ->
              Parallel.map(
                  List.of(1, 2, 3),
                  2,
                  _ -> {
                    throw new IllegalStateException("a bug");
                  }))
          .withMessage("a bug");
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(uncaught.get()).isZero();
  }
}
