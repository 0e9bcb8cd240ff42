// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.auth.Act;
import dev.rollcall.server.auth.AuditStore;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.config.Limits;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.CommandIndex;
import dev.rollcall.server.queue.Completion;
import dev.rollcall.server.queue.Ends;
import dev.rollcall.server.queue.LapseTimer;
import dev.rollcall.server.queue.QueueListener;
import dev.rollcall.server.queue.Withholding;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.server.verification.Operations;
import dev.rollcall.server.web.ApiException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Everything that can be done with commands. Thread-safe. */
public final class Commands implements AutoCloseable {
  /**
   * A registry that keeps changing while a target is resolved is somebody applying manifests in a
   * loop.
   */
  private static final int MOST_RESOLUTIONS = 5;

  private final RegistryService registry;
  private final Operations operations;
  private final InstantSource clock;
  private final Submissions submissions;
  private final Quotas quotas = new Quotas(System::nanoTime);
  private final CommandReads reads;
  private final Cancels cancels;
  private final Sweeper sweeper;
  private final CommandUpkeep upkeep;
  private final Watches watches;
  private final CommandIds ids;
  private final ForcedEnds forcedEnds;
  private final Pool readPool;
  private final Backlog backlog;

  /**
   * What this is built on.
   *
   * @param wakeUpkeep called when upkeep has something to do now
   */
  public record Parts(
      Pool submitPool,
      Pool upkeepPool,
      Pool readPool,
      RegistryService registry,
      Operations operations,
      InstantSource clock,
      CommandIndex index,
      Completion completion,
      Ends ends,
      LapseTimer lapseTimer,
      QueueListener listener,
      Runnable wakeUpkeep,
      Limits limits,
      Metrics metrics) {}

  public Commands(Parts parts) {
    this.registry = parts.registry();
    this.operations = parts.operations();
    this.clock = parts.clock();
    this.readPool = parts.readPool();
    this.backlog = new Backlog(parts.readPool(), parts.limits());
    this.ids = new CommandIds(parts.clock());
    this.submissions =
        new Submissions(parts.submitPool(), parts.index(), parts.listener(), parts.metrics());
    this.reads = new CommandReads(parts.readPool(), registry, parts.completion());
    this.cancels =
        new Cancels(
            parts.submitPool(),
            parts.ends(),
            parts.completion(),
            parts.lapseTimer(),
            parts.wakeUpkeep());
    this.forcedEnds = new ForcedEnds(parts.upkeepPool(), parts.ends());
    var exposures = new ExposureSweep(parts.upkeepPool(), parts.ends(), registry);
    this.sweeper = new Sweeper(registry, exposures);
    this.watches = new Watches(parts.readPool());
    this.upkeep =
        new CommandUpkeep(
            parts.upkeepPool(),
            cancels,
            parts.ends(),
            parts.completion(),
            exposures,
            registry,
            parts.listener());
  }

  public void start() {
    submissions.start();
    watches.start();
    backlog.start();
    sweeper.start();
  }

  /** What is not to be handed out while exposures are suspended. */
  public static Withholding withholding(Registry now) {
    return SuspendedExposures.of(now);
  }

  public CommandUpkeep upkeep() {
    return upkeep;
  }

  CommandReads reads() {
    return reads;
  }

  ForcedEnds forcedEnds() {
    return forcedEnds;
  }

  Watches watches() {
    return watches;
  }

  RegistryService registry() {
    return registry;
  }

  Operations operations() {
    return operations;
  }

  InstantSource clock() {
    return clock;
  }

  <T> T read(Function<Handle, T> query) {
    return readPool.withHandle(query);
  }

  /** What would be targeted, and what of it would be rejected. */
  Resolved dryRun(Caller caller, CommandRequest request) {
    Resolved resolved = Targeting.resolve(registry.current(), caller, request, quotas, false);
    refuseIfNotPartial(caller, request.options().isWhole(), resolved);
    return resolved;
  }

  /**
   * An answer to a submit.
   *
   * @param replayed whether the idempotency key stood for it already
   */
  record Accepted(UUID id, boolean replayed) {}

  /**
   * Stores a command.
   *
   * @param key the caller's idempotency key with what it stands for; null: none
   */
  Accepted submit(Caller caller, CommandRequest request, NewCommand.@Nullable Idempotency key) {
    Optional<Accepted> earlier = replay(key);
    return earlier.isPresent()
        ? earlier.get()
        : store(
            key,
            () -> {
              Resolved resolved =
                  Targeting.resolve(registry.current(), caller, request, quotas, true);
              refuseIfNotPartial(caller, request.options().isWhole(), resolved);
              Resolved.Within within = resolved.configuration();
              Options options =
                  request
                      .options()
                      .complete(request.operation(), configurationKey(request, within));
              return new NewCommand(
                  ids.next(),
                  caller,
                  request.operation(),
                  Target.kept(request.target(), request.givenTarget(), resolved.servers()),
                  request.parameters().normalised(),
                  options,
                  resolved,
                  key,
                  null);
            });
  }

  /**
   * Only a command aimed at a configuration is ordered by default, with others for the same one.
   */
  private static @Nullable String configurationKey(
      CommandRequest request, Resolved.@Nullable Within within) {
    return request.target() instanceof Target.OfConfiguration && within != null
        ? within.fullName()
        : null;
  }

  /** The same again, for the servers on which it failed or expired. */
  Accepted retry(Caller caller, CommandReads.Seen seen, NewCommand.@Nullable Idempotency key) {
    Optional<Accepted> earlier = replay(key);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    Set<Integer> failed =
        new HashSet<>(read(handle -> ExecutionStore.failed(handle, seen.row().seq())));
    if (failed.isEmpty()) {
      throw ApiException.conflict("conflict", "Nothing of this command has failed or expired.");
    }
    return store(
        key,
        () -> {
          NewCommand again =
              Retry.of(caller, seen.row(), failed, registry.current(), quotas)
                  .command(ids.next(), caller, key);
          refuseIfNotPartial(caller, !again.options().partial(), again.resolved());
          return again;
        });
  }

  private interface Resolution {
    NewCommand now();
  }

  private Accepted store(NewCommand.@Nullable Idempotency key, Resolution resolution) {
    for (int tries = 1; tries <= MOST_RESOLUTIONS; tries++) {
      NewCommand command = resolution.now();
      switch (submit(command)) {
        case STORED -> {
          return new Accepted(command.id(), false);
        }
        case STALE_REGISTRY -> registry.refresh();
        case KEY_TAKEN -> {
          Optional<Accepted> earlier = replay(key);
          if (earlier.isPresent()) {
            return earlier.get();
          }
        }
      }
    }
    throw ApiException.unavailable("The registry keeps changing.", 1);
  }

  /** What is not stored uses up no quota. */
  private Submissions.Outcome submit(NewCommand command) {
    boolean stored = false;
    try {
      backlog.check(command);
      Submissions.Outcome outcome = submissions.submit(command);
      stored = outcome == Submissions.Outcome.STORED;
      if (stored) {
        backlog.stored(command);
      }
      return outcome;
    } finally {
      if (!stored) {
        quotas.giveBack(command.resolved().taken());
      }
    }
  }

  Optional<Accepted> replay(NewCommand.@Nullable Idempotency key) {
    if (key == null) {
      return Optional.empty();
    }
    Optional<SubmitStore.Claimed> claimed =
        read(handle -> SubmitStore.claimed(handle, key.scope(), key.key()));
    if (claimed.isPresent() && !claimed.get().digest().equals(key.digest())) {
      throw ApiException.conflict(
          "idempotency-conflict", "The Idempotency-Key was used for another request.");
    }
    return claimed.map(c -> new Accepted(c.commandId(), true));
  }

  private void refuseIfNotPartial(Caller caller, boolean whole, Resolved resolved) {
    if (whole && !resolved.refused().isEmpty()) {
      quotas.giveBack(resolved.taken());
      throw ApiException.conflict(
          "conflict",
          "Some servers may not execute it, and partial is false.",
          DryRun.refused(registry.current(), caller, resolved));
    }
  }

  /**
   * A cancel may be repeated anyway; the key only must not have meant something else.
   *
   * @return whether the key stood for it already
   */
  boolean rememberCancel(NewCommand.Idempotency key, UUID id) {
    return replay(key).isPresent() || (!submissions.claim(key, id) && replay(key).isPresent());
  }

  void cancel(Caller caller, CommandReads.Seen seen) {
    UUID id = seen.row().id();
    Act act = Act.by(caller, "command-cancel", "commands/" + id).concerning(seen.row().originId());
    cancels.cancel(id, handle -> AuditStore.note(handle, act));
  }

  /** Refuses those who wait for a command to move on, with a token that has ended. */
  public void tokenEnded(UUID tokenId) {
    watches.endOf(tokenId);
  }

  /** Answers all who wait for a command to move on. */
  public void releaseWaiting() {
    watches.release();
  }

  @Override
  public void close() {
    sweeper.close();
    backlog.close();
    watches.close();
    submissions.close();
  }
}
