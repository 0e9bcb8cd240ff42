// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.db.Pool;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What an edge is told of a command: its operation and parameters. Never changes, so it is kept in
 * memory and read once for all servers. Thread-safe.
 */
public final class Payloads {
  private static final long MOST_BYTES = 64L << 20;

  private static final String BY_SEQ =
      """
      select seq, operation, parameters::text, configuration_name, array_to_string(configuration_hosts, ' '),
             ordering_key, options ->> 'degrade', payload_bytes
      from command where seq = any(:seqs::bigint[])
      """;

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
    Map<Long, Payload> read = new HashMap<>();
    pool.withHandle(handle ->
        handle
            .createQuery(BY_SEQ)
            .bind("seqs", seqs)
            .map((rs, context) ->
                read.put(
                    rs.getLong(1),
                    new Payload(
                        rs.getString(2),
                        Json.MAPPER.readTree(rs.getString(3)),
                        configuration(rs.getString(4), rs.getString(5)),
                        rs.getString(6),
                        rs.getString(7),
                        rs.getInt(8))))
            .list());
    bySeq.putAll(read);
    return read;
  }

  private static PollAnswer.@Nullable Configuration configuration(
      @Nullable String name, @Nullable String hosts) {
    return name == null
        ? null
        : new PollAnswer.Configuration(
            name, hosts == null || hosts.isEmpty() ? List.of() : List.of(hosts.split(" ", -1)));
  }
}
