// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.Completion;
import dev.rollcall.server.queue.Ends;
import dev.rollcall.server.queue.LapseTimer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * Cancels a command, in two steps: that it was asked for is committed first, then its executions
 * are ended chunk by chunk. What a crash or a large target leaves undone, upkeep finishes.
 * Thread-safe.
 */
final class Cancels {
  private final Pool pool;
  private final Ends ends;
  private final Completion completion;
  private final LapseTimer lapseTimer;
  private final Runnable upkeep;

  /**
   * @param upkeep told when something is left for it to do now
   */
  Cancels(Pool pool, Ends ends, Completion completion, LapseTimer lapseTimer, Runnable upkeep) {
    this.pool = pool;
    this.ends = ends;
    this.completion = completion;
    this.lapseTimer = lapseTimer;
    this.upkeep = upkeep;
  }

  /** An ended command stays as it is. */
  void cancel(UUID id) {
    cancel(id, handle -> {});
  }

  /**
   * @param alongside done in the transaction that asks for the cancel, if there is anything to
   *     cancel
   */
  void cancel(UUID id, Consumer<Handle> alongside) {
    Optional<LifecycleStore.Open> open =
        pool.inTransaction(handle -> {
          Optional<LifecycleStore.Open> asked = LifecycleStore.askCancel(handle, id);
          if (asked.isPresent()) {
            alongside.accept(handle);
          }
          return asked;
        });
    if (open.isEmpty()) {
      return;
    }
    if (!open.get().queued()) {
      endScheduled(open.get().command().seq());
    } else if (open.get().targeted() <= Ends.CHUNK) {
      sweep(open.get());
    } else {
      upkeep.run();
    }
  }

  /** One that was queued in the meantime is swept by upkeep, at once. */
  private void endScheduled(long seq) {
    boolean done =
        pool.inTransaction(handle -> {
          boolean still = LifecycleStore.holdUnqueued(handle, seq);
          if (still) {
            LifecycleStore.cancelScheduled(handle, seq);
          }
          return still;
        });
    if (done) {
      completion.finish(List.of(seq));
    } else {
      upkeep.run();
    }
  }

  /** Ends what is under no live lease, marks the rest. */
  Ends.Walk sweep(LifecycleStore.Open open) {
    return ends.sweep(open.command(), parts(open.command().seq()), true, lapseTimer);
  }

  List<Ends.Part> parts(long seq) {
    List<Ends.Part> parts = new ArrayList<>();
    for (LifecycleStore.TargetRow row :
        pool.withHandle(handle -> LifecycleStore.target(handle, seq))) {
      parts.add(new Ends.Part(row.cell(), row.participantId(), row.servers()));
    }
    return parts;
  }
}
