// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.Completion;
import dev.rollcall.server.queue.Ends;
import dev.rollcall.server.queue.FanOut;
import dev.rollcall.server.queue.QueueListener;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.registry.RegistryService;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after commands whose time has come: those with a not-before enter the queue, those past
 * their deadline or cancelled end, and whatever a crash left half done is finished. Each step may
 * be repeated, also by two nodes at once. Thread-safe.
 */
public final class CommandUpkeep {
  private static final Logger LOG = LoggerFactory.getLogger(CommandUpkeep.class);
  private static final int AT_A_TIME = 100;
  private static final double LONGEST_PAUSE_SECONDS = 3_600;

  private final Pool pool;
  private final Cancels cancels;
  private final Ends ends;
  private final Completion completion;
  private final ExposureSweep exposures;
  private final RegistryService registry;
  private final QueueListener listener;

  CommandUpkeep(
      Pool pool,
      Cancels cancels,
      Ends ends,
      Completion completion,
      ExposureSweep exposures,
      RegistryService registry,
      QueueListener listener) {
    this.pool = pool;
    this.cancels = cancels;
    this.ends = ends;
    this.completion = completion;
    this.exposures = exposures;
    this.registry = registry;
    this.listener = listener;
  }

  /**
   * One round; true when there is more to do at once.
   *
   * @param mine false: another node does it now
   */
  public boolean round(BooleanSupplier mine) {
    List<LifecycleStore.Open> due =
        pool.withHandle(handle -> LifecycleStore.due(handle, AT_A_TIME));
    for (LifecycleStore.Open open : due) {
      if (!mine.getAsBoolean()) {
        return false;
      }
      try {
        lookAfter(open);
      } catch (RuntimeException e) {
        LOG.error(
            "command {} could not be looked after; it will be tried again", open.command().id(), e);
        putOff(open, 30);
      }
    }
    return due.size() == AT_A_TIME;
  }

  private void lookAfter(LifecycleStore.Open open) {
    if (!open.queued()) {
      if (open.cancelAsked()) {
        cancels.cancel(open.command().id());
      } else {
        enterQueue(open.command());
      }
      return;
    }
    QueuedCommand command = open.command();
    List<Ends.Part> parts = cancels.parts(command.seq());
    removeMissing(command.seq(), parts);
    Ends.Walk walk =
        open.cancelAsked() ? cancels.sweep(open) : ends.sweep(command, parts, false, null);
    completion.finish(List.of(command.seq()));
    putOff(open, pause(open, walk));
  }

  /**
   * While leases of a cancelled command live, until the last of them ends; else later and later.
   */
  private double pause(LifecycleStore.Open open, Ends.Walk walk) {
    if (open.cancelAsked()) {
      return walk.longestLease() + 0.2;
    }
    double age = pool.withHandle(handle -> LifecycleStore.ageSeconds(handle, open.command().seq()));
    return Math.min(
        LONGEST_PAUSE_SECONDS, Math.max(30 + age / 4, 2.0 * open.command().leaseSeconds()));
  }

  private void putOff(LifecycleStore.Open open, double seconds) {
    pool.inTransaction(handle -> {
      LifecycleStore.lookAgain(handle, open, seconds);
      return seconds;
    });
  }

  private void removeMissing(long seq, List<Ends.Part> parts) {
    Registry now = registry.current();
    for (Ends.Part part : parts) {
      for (int id : part.servers()) {
        EdgeServer server = now.server(id);
        if (server == null) {
          exposures.remove(id, part.participantId(), part.cell(), seq);
        }
      }
    }
  }

  private void enterQueue(QueuedCommand command) {
    Set<Integer> wake = new HashSet<>();
    long[] place = new long[1];
    boolean entered =
        pool.inTransaction(handle -> {
          wake.clear();
          FanOut.lockKeys(handle, List.of(command.orderingHash()));
          if (!LifecycleStore.holdScheduled(handle, command.seq())) {
            return false;
          }
          place[0] = FanOut.takePlaces(handle, 1);
          LifecycleStore.move(handle, command.seq(), place[0]);
          Set<Integer> refused = new HashSet<>(LifecycleStore.ended(handle, place[0]));
          for (LifecycleStore.TargetRow part : LifecycleStore.target(handle, place[0])) {
            int[] servers =
                Arrays.stream(part.servers()).filter(id -> !refused.contains(id)).toArray();
            FanOut.enqueueStored(handle, place[0], command.track(), part.cell(), servers);
            Arrays.stream(servers).forEach(wake::add);
          }
          return true;
        });
    if (entered) {
      List<Ends.Part> parts = cancels.parts(place[0]);
      removeMissing(place[0], parts);
      parts.forEach(part -> exposures.recheck(registry.current(), part.participantId(), place[0]));
      listener.queued(List.of(place[0]));
      listener.wake(wake);
    }
  }
}
