// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import com.github.benmanes.caffeine.cache.AsyncLoadingCache;
import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.server.db.Pool;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What an edge is told of a command: its operation and parameters. Never changes, so it is kept in
 * memory and read once for all servers, also when a thousand of them ask at once. Thread-safe.
 */
public final class Payloads {
  private static final long MOST_BYTES = 64L << 20;

  private final Pool pool;
  private final AsyncLoadingCache<Long, Payload> bySeq;

  /**
   * @param pool on which an edge's answer may wait: nothing slow may share it
   */
  public Payloads(Pool pool) {
    this.pool = pool;
    this.bySeq =
        Caffeine.newBuilder()
            .maximumWeight(MOST_BYTES)
            .<Long, Payload>weigher((seq, payload) -> payload.bytes())
            .executor(task -> Thread.ofVirtual().name("rollcall-payloads").start(task))
            .buildAsync(CacheLoader.<Long, Payload>bulk(this::read));
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
    try {
      return bySeq.getAll(seqs).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private Map<Long, Payload> read(Set<? extends Long> seqs) {
    long[] column = seqs.stream().mapToLong(Long::longValue).toArray();
    return pool.withHandle(handle -> PayloadStore.bySeq(handle, column));
  }
}
