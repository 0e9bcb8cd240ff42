// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class StatusBoardTest {
  @Test
  @Timeout(20)
  void a_wait_for_news_ends_without_any() throws Exception {
    var self = new StatusBoard.Self(7, "1", "i", "https://queue.example", "varnish", 16);
    var board = new StatusBoard(self, () -> Instant.EPOCH);
    board.awaitChange(Duration.ofHours(1)); // the start is news
    assertThat(board.report(() -> 0, () -> 0).state()).isEqualTo("starting");

    board.awaitChange(Duration.ofMillis(10));

    assertThat(board.report(() -> 0, () -> 0).state()).isEqualTo("starting");
  }
}
