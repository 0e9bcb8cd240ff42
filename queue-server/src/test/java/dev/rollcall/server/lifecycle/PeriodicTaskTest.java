// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.LogCapture;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class PeriodicTaskTest {
  private static final class Told extends RuntimeException implements AlreadyTold {
    private static final long serialVersionUID = 1L;
  }

  /** What a task logs whose runs all fail so. */
  private static String logged(String name, RuntimeException failure) throws InterruptedException {
    try (var log = new LogCapture()) {
      var runs = new CountDownLatch(3);
      try (var task =
          new PeriodicTask(
              name,
              Duration.ofMillis(1),
              () -> {
                runs.countDown();
                throw failure;
              })) {
        task.start();
        assertThat(runs.await(20, TimeUnit.SECONDS)).isTrue();
      }
      return log.text();
    }
  }

  @Test
  void a_defect_is_logged_with_its_trace_and_the_next_run_comes() throws Exception {
    assertThat(logged("defective", new IllegalStateException("on purpose")))
        .contains("defective failed; it will run again")
        .contains("IllegalStateException: on purpose")
        .contains("\tat ");
  }

  @Test
  void what_the_log_tells_already_is_not_logged_again() throws Exception {
    assertThat(logged("patient", new IllegalStateException("caused by it", new Told())))
        .doesNotContain("patient");
  }
}
