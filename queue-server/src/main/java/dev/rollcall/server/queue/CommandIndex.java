// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * What the queue needs of commands, kept in memory: it never changes once a command is in the
 * queue, so nothing here can be stale. Thread-safe.
 */
public final class CommandIndex {
  private static final int MOST = 100_000;

  private static final String COLUMNS =
      """
      select seq, id, lane * 8192 + origin_id, ordering_hash, lease_seconds, max_attempts,
             extract(epoch from deadline_at)::float8, payload_bytes
      from command
      """;

  private static final String BY_SEQ = COLUMNS + "where seq = any(:seqs::bigint[])";
  private static final String BY_ID =
      COLUMNS + "where id = any(:ids::uuid[]) and queued_at is not null";

  private final Cache<Long, QueuedCommand> bySeq = Caffeine.newBuilder().maximumSize(MOST).build();
  private final Cache<UUID, QueuedCommand> byId = Caffeine.newBuilder().maximumSize(MOST).build();

  /** Notes a command that this node has just put into the queue. */
  public void add(QueuedCommand command) {
    bySeq.put(command.seq(), command);
    byId.put(command.id(), command);
  }

  /** All of them, from memory or the database. */
  Map<Long, QueuedCommand> bySeq(Handle handle, Collection<Long> seqs) {
    Map<Long, QueuedCommand> found = new HashMap<>(bySeq.getAllPresent(seqs));
    long[] missing =
        seqs.stream().filter(seq -> !found.containsKey(seq)).mapToLong(Long::longValue).toArray();
    if (missing.length > 0) {
      for (QueuedCommand command : read(handle.createQuery(BY_SEQ).bind("seqs", missing))) {
        add(command);
        found.put(command.seq(), command);
      }
    }
    return found;
  }

  /** Those that there are; a command that is not in the queue yet counts as unknown. */
  public Map<UUID, QueuedCommand> byId(Handle handle, Collection<UUID> ids) {
    Map<UUID, QueuedCommand> found = cachedById(ids);
    String[] missing =
        ids.stream()
            .filter(id -> !found.containsKey(id))
            .map(UUID::toString)
            .toArray(String[]::new);
    if (missing.length > 0) {
      for (QueuedCommand command : read(handle.createQuery(BY_ID).bind("ids", missing))) {
        add(command);
        found.put(command.id(), command);
      }
    }
    return found;
  }

  /** Those that are in memory. */
  public Map<UUID, QueuedCommand> cachedById(Collection<UUID> ids) {
    return new HashMap<>(byId.getAllPresent(ids));
  }

  private static List<QueuedCommand> read(org.jdbi.v3.core.statement.Query query) {
    return query
        .map((rs, context) ->
            new QueuedCommand(
                rs.getLong(1),
                rs.getObject(2, UUID.class),
                rs.getShort(3),
                rs.getLong(4),
                rs.getInt(5),
                rs.getInt(6),
                rs.getDouble(7),
                rs.getInt(8)))
        .list();
  }
}
