// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rollcall.server.db.Pool;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * What the queue needs of commands, kept in memory: it never changes once a command is in the
 * queue, so nothing here can be stale. Thread-safe.
 */
public final class CommandIndex {
  private static final int MOST = 100_000;

  private final Cache<Long, QueuedCommand> bySeq = Caffeine.newBuilder().maximumSize(MOST).build();
  private final Cache<UUID, QueuedCommand> byId = Caffeine.newBuilder().maximumSize(MOST).build();

  /** Notes a command that this node has just put into the queue. */
  public void add(QueuedCommand command) {
    bySeq.put(command.seq(), command);
    byId.put(command.id(), command);
  }

  /** Those that there are, from memory or the database. */
  public Map<Long, QueuedCommand> bySeq(Handle handle, Collection<Long> seqs) {
    Map<Long, QueuedCommand> found = new HashMap<>(bySeq.getAllPresent(seqs));
    long[] missing =
        seqs.stream().filter(seq -> !found.containsKey(seq)).mapToLong(Long::longValue).toArray();
    if (missing.length > 0) {
      for (QueuedCommand command : CommandStore.bySeq(handle, missing)) {
        add(command);
        found.put(command.seq(), command);
      }
    }
    return found;
  }

  /**
   * Those that there are; a command that is not in the queue yet counts as unknown. Takes a
   * connection only for what is not in memory.
   */
  public Map<UUID, QueuedCommand> byId(Pool pool, Collection<UUID> ids) {
    Map<UUID, QueuedCommand> found = new HashMap<>(byId.getAllPresent(ids));
    String[] missing =
        ids.stream()
            .filter(id -> !found.containsKey(id))
            .map(UUID::toString)
            .toArray(String[]::new);
    if (missing.length > 0) {
      for (QueuedCommand command : pool.withHandle(handle -> CommandStore.byId(handle, missing))) {
        add(command);
        found.put(command.id(), command);
      }
    }
    return found;
  }
}
