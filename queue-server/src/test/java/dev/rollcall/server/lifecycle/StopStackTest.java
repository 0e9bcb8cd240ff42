// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.LogCapture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class StopStackTest {
  private final List<String> stopped = new CopyOnWriteArrayList<>();
  private final StopStack stack = new StopStack();

  @Test
  void parts_are_stopped_in_reverse_and_one_that_fails_keeps_none_from_it() {
    stack.push("first", () -> stopped.add("first"));
    stack.push(
        "fails",
        () -> {
          throw new IllegalStateException("on purpose");
        });
    stack.push("last", () -> stopped.add("last"));

    stack.close();
    stack.close();

    assertThat(stopped).containsExactly("last", "first");
  }

  @Test
  void parts_that_hang_leave_time_for_those_below() {
    var never = new CountDownLatch(1);
    stack.push("below", () -> stopped.add("below"));
    for (int i = 0; i < 8; i++) {
      stack.push("hangs", never::await);
    }
    long start = System.nanoTime();

    try (var log = new LogCapture()) {
      stack.close(Duration.ofSeconds(2));
      assertThat(log.text()).containsPattern("hangs: not stopped after \\d+ ms, left behind");
    }

    assertThat(stopped).containsExactly("below");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
    never.countDown();
  }

  @Test
  void many_that_hang_take_no_longer_than_a_few() {
    var never = new CountDownLatch(1);
    for (int i = 0; i < 30; i++) {
      stack.push("hangs", never::await);
    }
    long start = System.nanoTime();

    stack.close(Duration.ofMillis(3_500));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(4_700));
    never.countDown();
  }
}
