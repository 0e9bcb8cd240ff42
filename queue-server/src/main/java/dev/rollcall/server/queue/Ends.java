// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.server.db.Pool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Ends that the server decides: cancels, deadlines, lapses of the last lease, servers that are
 * gone. Walks a command's frozen target by the queue's key, never the queue itself. Thread-safe.
 */
public final class Ends {
  /** How many servers one transaction looks at. */
  public static final int CHUNK = 2_000;

  private final Pool pool;
  private final Completion completion;
  private final QueueListener listener;

  public Ends(Pool pool, Completion completion, QueueListener listener) {
    this.pool = pool;
    this.completion = completion;
    this.listener = listener;
  }

  /** Part of a frozen target. */
  public record Part(short cell, short participantId, int[] servers) {}

  /**
   * What a walk met.
   *
   * @param ended how many executions it ended
   * @param live how many are under a live lease
   * @param longestLease seconds until the last of these leases ends
   */
  public record Walk(int ended, int live, double longestLease) {
    Walk and(Walk other) {
      return new Walk(
          ended + other.ended, live + other.live, Math.max(longestLease, other.longestLease));
    }
  }

  /**
   * Ends what may never be leased again; with {@code cancel} all that is under no live lease, and
   * marks the rest.
   *
   * @param timer told of each live lease that was marked; null: nobody
   */
  public Walk sweep(
      QueuedCommand command, List<Part> parts, boolean cancel, @Nullable LapseTimer timer) {
    var walk = new Walk(0, 0, 0);
    for (Part part : parts) {
      for (int from = 0; from < part.servers().length; from += CHUNK) {
        int to = Math.min(from + CHUNK, part.servers().length);
        walk =
            walk.and(
                chunk(command, part, Arrays.copyOfRange(part.servers(), from, to), cancel, timer));
      }
    }
    return walk;
  }

  /** Looks at one execution whose last lease should be over. */
  public void look(QueueServer server, QueuedCommand command) {
    var part = new Part(server.cell(), server.participantId(), new int[] {server.id()});
    chunk(command, part, part.servers(), false, null);
  }

  private record Swept(
      EndStore.FreeSwept found, List<Long> full, RollupStore.Deltas deltas, Misses misses) {}

  /**
   * What somebody else holds is waited for with nothing else held, and then swept with the rest.
   */
  private Walk chunk(
      QueuedCommand command, Part part, int[] servers, boolean cancel, @Nullable LapseTimer timer) {
    var walk = new Walk(0, 0, 0);
    for (int[] left = servers; left.length > 0; ) {
      int[] now = left;
      Swept swept =
          sweep(
              command,
              part,
              handle ->
                  EndStore.sweepFree(
                      handle, part.cell(), command, part.participantId(), now, cancel));
      walk = walk.and(tell(command, part, swept.found().rows(), cancel, timer));
      left = swept.found().busy();
      if (left.length > 0) {
        walk = walk.and(await(command, part, left[0], cancel, timer));
        left = Arrays.copyOfRange(left, 1, left.length);
      }
    }
    return walk;
  }

  private Walk await(
      QueuedCommand command, Part part, int server, boolean cancel, @Nullable LapseTimer timer) {
    Swept swept =
        sweep(
            command,
            part,
            handle ->
                new EndStore.FreeSwept(
                    EndStore.sweep(
                        handle,
                        part.cell(),
                        command,
                        part.participantId(),
                        new int[] {server},
                        cancel),
                    new int[0]));
    return tell(command, part, swept.found().rows(), cancel, timer);
  }

  private Swept sweep(
      QueuedCommand command, Part part, Function<Handle, EndStore.FreeSwept> statements) {
    Swept swept =
        pool.inTransaction(handle -> {
          EndStore.FreeSwept found = statements.apply(handle);
          var deltas = new RollupStore.Deltas();
          var misses = new Misses();
          for (EndStore.Swept row : found.rows()) {
            if (row.ends() != null) {
              deltas.add(command.seq(), part.participantId(), row.ends());
              misses.note(row.serverId(), command.seq(), row.ends(), row.leaseNo());
            }
          }
          List<Long> full =
              deltas.isEmpty() ? List.of() : RollupStore.count(handle, part.cell(), deltas);
          misses.write(handle, part.cell());
          return new Swept(found, full, deltas, misses);
        });
    completion.count(swept.deltas());
    completion.mayHaveEnded(swept.full());
    listener.missed(swept.misses().servers());
    return swept;
  }

  private Walk tell(
      QueuedCommand command,
      Part part,
      List<EndStore.Swept> rows,
      boolean cancel,
      @Nullable LapseTimer timer) {
    int ended = 0;
    int live = 0;
    double longest = 0;
    List<Integer> freed = new ArrayList<>();
    for (EndStore.Swept row : rows) {
      if (row.ends() != null) {
        ended++;
        freed.add(row.serverId()); // what stood behind it in its key may go
      } else if (row.live()) {
        live++;
        longest = Math.max(longest, row.remaining());
        if (cancel) {
          listener.cancelled(row.serverId(), new Exchange.Held(command, row.leaseNo()));
          if (timer != null) {
            timer.watch(
                new QueueServer(row.serverId(), part.participantId(), part.cell()),
                command,
                row.remaining());
          }
        }
      }
    }
    if (!freed.isEmpty()) {
      listener.wake(freed);
    }
    return new Walk(ended, live, longest);
  }

  private record Removal(
      EndStore.Removed found,
      List<Exchange.Held> broken,
      RollupStore.Deltas deltas,
      List<Long> full) {}

  /**
   * Ends everything of a server, also what is leased: it is told, and what it reports under such a
   * lease is stale.
   *
   * @param originId only executions of this origin; null: all
   * @param seqs only executions of these commands; null: all
   * @return how many
   */
  public int remove(
      QueueServer server,
      @Nullable Integer originId,
      long @Nullable [] seqs,
      EndState state,
      String code) {
    var what = new EndStore.Removal(server, originId, seqs, state, code, CHUNK);
    int ended = 0;
    boolean isLeft = true;
    while (isLeft) {
      Removal removal = pool.inTransaction(handle -> remove(handle, what));
      completion.count(removal.deltas());
      completion.mayHaveEnded(removal.full());
      removal.broken().forEach(lease -> listener.cancelled(server.id(), lease));
      ended += removal.found().rows().size();
      isLeft = removal.found().isLeft();
    }
    if (ended > 0) {
      listener.wake(List.of(server.id())); // what stood behind them in their keys may go
    }
    return ended;
  }

  private static Removal remove(Handle handle, EndStore.Removal what) {
    EndStore.Removed found = EndStore.remove(handle, what);
    List<Exchange.Held> broken = broken(handle, found.rows());
    var deltas = new RollupStore.Deltas();
    found.seqs().forEach(seq -> deltas.add(seq, what.server().participantId(), what.state()));
    List<Long> full =
        deltas.isEmpty() ? List.of() : RollupStore.count(handle, what.server().cell(), deltas);
    return new Removal(found, broken, deltas, full);
  }

  private static List<Exchange.Held> broken(Handle handle, List<EndStore.Gone> rows) {
    Map<Long, Integer> leases = new TreeMap<>();
    for (EndStore.Gone row : rows) {
      if (row.live()) {
        leases.put(row.seq(), row.leaseNo());
      }
    }
    long[] seqs = leases.keySet().stream().mapToLong(Long::longValue).toArray();
    return seqs.length == 0
        ? List.of()
        : CommandStore.bySeq(handle, seqs).stream()
            .map(command ->
                new Exchange.Held(command, Objects.requireNonNull(leases.get(command.seq()))))
            .toList();
  }

  /**
   * Ends one execution by force, also under a live lease: its server is told, and what it reports
   * under that lease is stale.
   *
   * @param reason stands as the message of the end
   * @param alongside done in the same transaction, if it ended
   * @return false when it had ended already
   */
  public boolean force(
      QueueServer server, QueuedCommand command, String reason, Consumer<Handle> alongside) {
    var counted = new Counted();
    Optional<ForcedEndStore.Ended> ended =
        pool.inTransaction(handle -> {
          counted.clear();
          Optional<ForcedEndStore.Ended> found =
              ForcedEndStore.end(handle, server, command, reason);
          found.ifPresent(end -> counted.cancelled(handle, server, command.seq(), alongside));
          return found;
        });
    tellForced(counted);
    ended.ifPresent(end -> {
      if (end.live()) {
        listener.cancelled(server.id(), new Exchange.Held(command, end.leaseNo()));
      }
      listener.wake(List.of(server.id()));
    });
    return ended.isPresent();
  }

  /**
   * As {@link #force}, of a command that waits for its time.
   *
   * @param holds holds the command in the transaction; false when it waits no more
   * @return empty when it waits no more; false when it had ended already
   */
  public Optional<Boolean> forceScheduled(
      QueueServer server,
      long seq,
      String reason,
      Predicate<Handle> holds,
      Consumer<Handle> alongside) {
    var counted = new Counted();
    Optional<Boolean> ended =
        pool.inTransaction(handle -> {
          counted.clear();
          if (!holds.test(handle)) {
            return Optional.empty();
          }
          boolean done = ForcedEndStore.endScheduled(handle, server, seq, reason);
          if (done) {
            counted.cancelled(handle, server, seq, alongside);
          }
          return Optional.of(done);
        });
    tellForced(counted);
    return ended;
  }

  private void tellForced(Counted counted) {
    completion.count(counted.deltas);
    completion.mayHaveEnded(counted.full);
  }

  /** What one forced end adds to the counters; emptied when its transaction is tried again. */
  private static final class Counted {
    private final RollupStore.Deltas deltas = new RollupStore.Deltas();
    private final List<Long> full = new ArrayList<>();

    void clear() {
      deltas.byKey().clear();
      full.clear();
    }

    void cancelled(Handle handle, QueueServer server, long seq, Consumer<Handle> alongside) {
      deltas.add(seq, server.participantId(), EndState.CANCELLED);
      full.addAll(RollupStore.count(handle, server.cell(), deltas));
      alongside.accept(handle);
    }
  }
}
