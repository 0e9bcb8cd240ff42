// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class PollingTest {
  @Test
  void long_waits_that_begin_together_end_one_after_the_other() {
    var random = new Random(7);
    long whole = Duration.ofSeconds(60).toNanos();

    List<Long> waits =
        Stream.generate(() -> Polling.waitNanos(60, random)).limit(1_000).sorted().toList();

    assertThat(waits.getFirst()).isBetween(whole - whole / 10, whole - whole / 11);
    assertThat(waits.getLast()).isBetween(whole - whole / 100, whole);
    assertThat(waits).doesNotHaveDuplicates();
  }

  @Test
  void short_waits_are_kept_to_the_second() {
    assertThat(Polling.waitNanos(9, new Random(7))).isEqualTo(Duration.ofSeconds(9).toNanos());
    assertThat(Polling.waitNanos(0, new Random(7))).isZero();
  }
}
