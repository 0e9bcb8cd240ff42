// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class PollingTest {
  private static final long SECOND = 1_000_000_000;
  private static final long NOW = -7 * SECOND + 123;

  @Test
  void long_waits_that_begin_together_end_in_groups_one_after_the_other() {
    var random = new Random(7);

    List<Long> ends =
        LongStream.range(0, 1_000)
            .map(i -> Polling.waitsUntil(NOW, 60, random))
            .sorted()
            .boxed()
            .toList();

    assertThat(ends.getFirst()).isBetween(NOW + 53 * SECOND, NOW + 55 * SECOND);
    assertThat(ends.getLast()).isBetween(NOW + 59 * SECOND, NOW + 60 * SECOND);
    assertThat(ends.stream().distinct().count()).isBetween(10L, 13L);
    assertThat(ends).allMatch(end -> Math.floorMod(end, SECOND / 2) == 0);
  }

  @Test
  void short_waits_are_kept_to_the_second() {
    assertThat(Polling.waitsUntil(NOW, 9, new Random(7))).isEqualTo(NOW + 9 * SECOND);
    assertThat(Polling.waitsUntil(NOW, 0, new Random(7))).isEqualTo(NOW);
  }
}
