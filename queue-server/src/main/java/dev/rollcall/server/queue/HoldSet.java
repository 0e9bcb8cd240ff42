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
import org.jspecify.annotations.Nullable;

/** All holds in force, as they were at one moment. Immutable but for what it remembers. */
final class HoldSet {
  static final HoldSet NONE = new HoldSet(List.of(), Withholding.NONE);
  private static final int MOST = 100_000;

  private final List<Hold> holds;
  private final Withholding withholding;
  private final boolean asksForSubjects;
  private final Cache<Long, Hold.Subject> subjects =
      Caffeine.newBuilder().maximumSize(MOST).build();

  HoldSet(List<Hold> holds, Withholding withholding) {
    this.holds = List.copyOf(holds);
    this.withholding = withholding;
    this.asksForSubjects = holds.stream().anyMatch(Hold::asksForSubject);
  }

  List<Hold> holds() {
    return holds;
  }

  Withholding withholding() {
    return withholding;
  }

  /** What of these commands is held; for one batch. */
  Check check(Handle handle, Map<Long, QueuedCommand> commands) {
    boolean withholds = !withholding.equals(Withholding.NONE);
    Withholding.Check also = withholds ? withholding.check(handle, commands.values()) : null;
    if (holds.isEmpty()) {
      return new Check(Map.of(), also);
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
    return new Check(held, also);
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

    private final Withholding.@Nullable Check also;

    private Check(Map<Long, List<Hold>> held, Withholding.@Nullable Check also) {
      this.held = held;
      this.also = also;
    }

    /** Whether a command is held at a server. */
    LongPredicate at(QueueServer server) {
      return held.isEmpty() && also == null ? seq -> false : seq -> isHeld(server, seq);
    }

    private boolean isHeld(QueueServer server, long seq) {
      boolean kept = also != null && also.isWithheld(server, seq);
      for (Hold hold : kept ? List.<Hold>of() : held.getOrDefault(seq, List.of())) {
        kept |= hold.participantId() == null || hold.participantId() == server.participantId();
      }
      if (kept) {
        servers.add(server.id());
      }
      return kept;
    }

    /** The servers that something was kept from. */
    Set<Integer> servers() {
      return servers;
    }
  }
}
