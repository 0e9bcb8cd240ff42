// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.Completion;
import dev.rollcall.server.queue.Ends;
import dev.rollcall.server.queue.FanOut;
import dev.rollcall.server.queue.QueueListener;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.registry.VersionStore;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jdbi.v3.core.Handle;
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
    if (due.isEmpty()) {
      return false;
    }
    // Read after the commands: none of them was accepted under a later version.
    Registry now = registry.refresh();
    for (LifecycleStore.Open open : due) {
      if (!mine.getAsBoolean()) {
        return false;
      }
      try {
        lookAfter(open, now);
      } catch (RuntimeException e) {
        LOG.error(
            "command {} could not be looked after; it will be tried again", open.command().id(), e);
        putOff(open, 30);
      }
    }
    return due.size() == AT_A_TIME;
  }

  private void lookAfter(LifecycleStore.Open open, Registry now) {
    if (!open.queued()) {
      if (open.cancelAsked()) {
        cancels.cancel(open.command().id());
      } else {
        enterQueue(open.command(), now);
      }
      return;
    }
    QueuedCommand command = open.command();
    List<Ends.Part> parts = cancels.parts(command.seq());
    exposures.endForbidden(now, command, parts);
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

  /**
   * What entered.
   *
   * @param place under which it stands now
   * @param servers where it waits
   * @param refused whether something of it ended at once
   */
  private record Entered(long place, Set<Integer> servers, boolean refused) {}

  private void enterQueue(QueuedCommand command, Registry now) {
    Optional<Entered> entered = pool.inTransaction(handle -> enter(handle, command, now));
    entered.ifPresent(e -> {
      if (e.refused()) {
        completion.finish(List.of(e.place()));
      }
      listener.queued(List.of(e.place()));
      listener.wake(e.servers());
    });
  }

  /**
   * Empty: there is no more to do, or the registry has changed and the next round does it. What is
   * not allowed any more ends here, and is never there to be handed out.
   */
  private Optional<Entered> enter(Handle handle, QueuedCommand command, Registry now) {
    FanOut.lockKeys(handle, List.of(command.orderingHash()));
    if (VersionStore.hold(handle) > now.version()
        || !LifecycleStore.holdScheduled(handle, command.seq())) {
      return Optional.empty();
    }
    Set<Integer> ended = new HashSet<>(LifecycleStore.ended(handle, command.seq()));
    List<LifecycleStore.TargetRow> target = LifecycleStore.target(handle, command.seq());
    Map<Integer, ExposureSweep.Why> forbidden =
        exposures.forbidden(handle, now, command, parts(target));
    long place = FanOut.takePlaces(handle, 1);
    LifecycleStore.move(handle, command.seq(), place);
    Set<Integer> servers = new HashSet<>();
    for (LifecycleStore.TargetRow part : target) {
      int[] open = Arrays.stream(part.servers()).filter(id -> !ended.contains(id)).toArray();
      int[] free = Arrays.stream(open).filter(id -> !forbidden.containsKey(id)).toArray();
      FanOut.enqueueStored(handle, place, command.track(), part.cell(), free);
      Arrays.stream(free).forEach(servers::add);
      for (ExposureSweep.Why why : ExposureSweep.Why.values()) {
        int[] refused = Arrays.stream(open).filter(id -> forbidden.get(id) == why).toArray();
        if (refused.length > 0) {
          LifecycleStore.refuse(handle, place, part, refused, why.state(), why.code());
        }
      }
    }
    return Optional.of(new Entered(place, servers, !forbidden.isEmpty()));
  }

  private static List<Ends.Part> parts(List<LifecycleStore.TargetRow> target) {
    return target.stream()
        .map(part -> new Ends.Part(part.cell(), part.participantId(), part.servers()))
        .toList();
  }
}
