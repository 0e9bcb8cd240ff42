// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.server.db.Pool;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What an edge is told of a command: its operation and parameters. Never changes, so it is kept in
 * memory and read once for all servers. Thread-safe.
 */
public final class Payloads {
  private static final long MOST_BYTES = 64L << 20;

  private final Pool pool;
  private final Cache<Long, Payload> bySeq =
      Caffeine.newBuilder()
          .maximumWeight(MOST_BYTES)
          .<Long, Payload>weigher((seq, payload) -> payload.bytes())
          .build();

  public Payloads(Pool pool) {
    this.pool = pool;
  }

  /**
   * @param configuration null: it acts within none
   * @param bytes about how much it takes
   */
  public record Payload(
      String operation,
      JsonNode parameters,
      PollAnswer.@Nullable Configuration configuration,
      String orderingKey,
      @Nullable String degrade,
      int bytes) {}

  /** All of them. */
  public Map<Long, Payload> bySeq(Collection<Long> seqs) {
    Map<Long, Payload> found = new HashMap<>(bySeq.getAllPresent(seqs));
    long[] missing =
        seqs.stream()
            .filter(seq -> !found.containsKey(seq))
            .mapToLong(Long::longValue)
            .distinct()
            .toArray();
    if (missing.length > 0) {
      found.putAll(read(missing));
    }
    return found;
  }

  private Map<Long, Payload> read(long[] seqs) {
    Map<Long, Payload> read = pool.withHandle(handle -> PayloadStore.bySeq(handle, seqs));
    bySeq.putAll(read);
    return read;
  }
}
