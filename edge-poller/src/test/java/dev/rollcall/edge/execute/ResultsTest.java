// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.journal.LeaseId;
import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.json.Json;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class ResultsTest {
  private static final LeaseId ID = new LeaseId("c", 1);

  @Test
  void what_is_longer_than_the_wire_allows_is_cut() {
    ObjectNode data = Json.MAPPER.createObjectNode().put("long", "x".repeat(20_000));

    ResultItem result =
        Results.of(
            ID,
            new CacheReply.Done("c".repeat(100), 1L, "\ud83d\ude00ü".repeat(1_000), data),
            Duration.ofMillis(5));

    assertThat(result.code()).hasSize(64);
    assertThat(result.message()).endsWith("…");
    String message = String.valueOf(result.message());
    assertThat(message.getBytes(UTF_8).length).isBetween(2_040, 2_048);
    assertThat(new String(message.getBytes(UTF_8), UTF_8)).isEqualTo(message);
    assertThat(result.data()).isNull();
    assertThat(result.durationMillis()).isEqualTo(5);
  }

  @Test
  void only_what_will_be_handed_out_again_breaks_a_run() {
    assertThat(Results.breaksRun(Results.released(ID, "c", "m"))).isTrue();
    assertThat(Results.breaksRun(of(new CacheReply.Failed("c", "m", true)))).isTrue();
    assertThat(Results.breaksRun(of(new CacheReply.Failed("c", "m", false)))).isFalse();
    assertThat(Results.breaksRun(of(new CacheReply.Rejected("c", "m")))).isFalse();
    assertThat(Results.breaksRun(of(new CacheReply.Done("c", null, "m", null)))).isFalse();
  }

  private static ResultItem of(CacheReply reply) {
    return Results.of(ID, reply, Duration.ZERO);
  }
}
