// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jdbi.v3.core.Handle;

/** All holds in force, as they were at one moment. Immutable but for what it remembers. */
final class HoldSet {
  static final HoldSet NONE = new HoldSet(List.of());
  private static final int MOST = 100_000;

  private final List<Hold> holds;
  private final boolean asksForSubjects;
  private final Cache<Long, Hold.Subject> subjects =
      Caffeine.newBuilder().maximumSize(MOST).build();

  HoldSet(List<Hold> holds) {
    this.holds = List.copyOf(holds);
    this.asksForSubjects = holds.stream().anyMatch(Hold::asksForSubject);
  }

  List<Hold> holds() {
    return holds;
  }

  /** What of these commands is held; for one batch. */
  Check check(Handle handle, Map<Long, QueuedCommand> commands) {
    if (holds.isEmpty()) {
      return new Check(Map.of());
    }
    Map<Long, Hold.Subject> known =
        asksForSubjects ? subjects(handle, commands.keySet()) : Map.of();
    Map<Long, List<Hold>> held = new HashMap<>();
    commands.forEach((seq, command) -> {
      List<Hold> matching = new ArrayList<>();
      for (Hold hold : holds) {
        if (hold.matches(command, known.get(seq))) {
          matching.add(hold);
        }
      }
      if (!matching.isEmpty()) {
        held.put(seq, matching);
      }
    });
    return new Check(held);
  }

  private Map<Long, Hold.Subject> subjects(Handle handle, Collection<Long> seqs) {
    Map<Long, Hold.Subject> found = new HashMap<>(subjects.getAllPresent(seqs));
    long[] missing =
        seqs.stream().filter(seq -> !found.containsKey(seq)).mapToLong(Long::longValue).toArray();
    if (missing.length > 0) {
      Map<Long, Hold.Subject> read = HoldStore.subjects(handle, missing);
      subjects.putAll(read);
      found.putAll(read);
    }
    return found;
  }

  /** What is held in one batch, and at which servers it was met. Confined to one thread. */
  static final class Check {
    private final Map<Long, List<Hold>> held;
    private final Set<Integer> servers = new HashSet<>();

    private Check(Map<Long, List<Hold>> held) {
      this.held = held;
    }

    /** Whether a command is held at a server. */
    LongPredicate at(QueueServer server) {
      return held.isEmpty() ? seq -> false : seq -> isHeld(server, seq);
    }

    private boolean isHeld(QueueServer server, long seq) {
      for (Hold hold : held.getOrDefault(seq, List.of())) {
        if (hold.participantId() == null || hold.participantId() == server.participantId()) {
          servers.add(server.id());
          return true;
        }
      }
      return false;
    }

    /** The servers that something was kept from. */
    Set<Integer> servers() {
      return servers;
    }
  }
}
