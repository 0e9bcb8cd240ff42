// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.auth.AuditStore;
import dev.rollcall.server.batch.Batcher;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.CommandIndex;
import dev.rollcall.server.queue.Enqueued;
import dev.rollcall.server.queue.FanOut;
import dev.rollcall.server.queue.QueueListener;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.registry.VersionStore;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Stores commands, several in one transaction: ordering keys locked, idempotency keys claimed,
 * places taken, everything inserted. When it returns, the command and its executions are durable or
 * none of it is. Thread-safe.
 */
final class Submissions implements AutoCloseable {
  private static final int WORKERS = 2;
  private static final int MOST_SERVERS_IN_BATCH = 2_000;
  private static final int MOST_WAITING = 2_000;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final Pool pool;
  private final CommandIndex index;
  private final QueueListener listener;
  private final Metrics metrics;
  private final Batcher<NewCommand, Outcome> batcher;

  /** What became of a submission. */
  enum Outcome {
    STORED,
    /** The registry has changed since the target was resolved: resolve it anew. */
    STALE_REGISTRY,
    /** The idempotency key stands for another command. */
    KEY_TAKEN
  }

  Submissions(Pool pool, CommandIndex index, QueueListener listener, Metrics metrics) {
    this.pool = pool;
    this.index = index;
    this.listener = listener;
    this.metrics = metrics;
    this.batcher =
        new Batcher<>(
            new Batcher.Limits(
                "submit", WORKERS, MOST_SERVERS_IN_BATCH, MOST_WAITING, LONGEST_WAIT),
            metrics,
            Submissions::exclusive,
            command -> 1 + command.resolved().servers().size(),
            this::run);
  }

  /** The same idempotency key twice in one batch would claim itself twice. */
  private static Object exclusive(NewCommand command) {
    NewCommand.Idempotency key = command.idempotency();
    return key == null ? command.id() : List.of(key.scope(), key.key());
  }

  void start() {
    batcher.start();
  }

  Outcome submit(NewCommand command) {
    return batcher.call(command);
  }

  /**
   * Lets a key stand for a request about a command that is there already.
   *
   * @return false: it has an owner, with whom it is left
   */
  boolean claim(NewCommand.Idempotency key, UUID commandId) {
    return pool.inTransaction(handle -> SubmitStore.claim(handle, key, commandId));
  }

  private record Stored(List<Outcome> outcomes, Map<UUID, QueuedCommand> queued) {}

  private List<Outcome> run(List<NewCommand> batch) {
    Stored stored = pool.inTransaction(handle -> store(handle, batch));
    Set<Integer> wake = new HashSet<>();
    List<Long> entered = new ArrayList<>();
    for (NewCommand command : batch) {
      QueuedCommand queued = stored.queued().get(command.id());
      if (queued == null) {
        continue;
      }
      metrics.counter(Meter.COMMANDS_ACCEPTED, "operation", command.operation()).increment();
      if (command.options().notBefore() == null) {
        index.add(queued);
        entered.add(queued.seq());
        command.resolved().parts().forEach(part -> addAll(wake, part.queued()));
      }
    }
    listener.queued(entered);
    listener.wake(wake);
    return stored.outcomes();
  }

  private static void addAll(Set<Integer> set, int[] ids) {
    for (int id : ids) {
      set.add(id);
    }
  }

  private static Stored store(Handle handle, List<NewCommand> batch) {
    FanOut.lockKeys(
        handle,
        batch.stream()
            .filter(command -> command.options().notBefore() == null)
            .map(NewCommand::orderingHash)
            .toList());
    long version = VersionStore.hold(handle);
    List<NewCommand> keyed =
        batch.stream()
            .filter(c -> c.idempotency() != null && c.resolved().registryVersion() == version)
            .toList();
    Set<UUID> owners = keyed.isEmpty() ? Set.of() : SubmitStore.claimKeys(handle, keyed);
    List<Outcome> outcomes = new ArrayList<>();
    List<NewCommand> accepted = new ArrayList<>();
    for (NewCommand command : batch) {
      if (command.resolved().registryVersion() != version) {
        outcomes.add(Outcome.STALE_REGISTRY);
      } else if (command.idempotency() != null && !owners.contains(command.id())) {
        outcomes.add(Outcome.KEY_TAKEN);
      } else {
        outcomes.add(Outcome.STORED);
        accepted.add(command);
      }
    }
    return new Stored(outcomes, accepted.isEmpty() ? Map.of() : insert(handle, accepted));
  }

  private static Map<UUID, QueuedCommand> insert(Handle handle, List<NewCommand> accepted) {
    AuditStore.note(handle, accepted.stream().map(NewCommand::act).toList());
    long firstSeq = FanOut.takePlaces(handle, accepted.size());
    Map<UUID, QueuedCommand> queued = SubmitStore.insert(handle, accepted, firstSeq);
    List<Enqueued> enqueued = new ArrayList<>();
    for (NewCommand command : accepted) {
      QueuedCommand place = Objects.requireNonNull(queued.get(command.id()));
      enqueued.add(
          new Enqueued(
              place.seq(),
              place.track(),
              command.resolved().parts(),
              command.options().notBefore() == null));
    }
    FanOut.enqueue(handle, enqueued);
    return queued;
  }

  @Override
  public void close() {
    batcher.close();
  }
}
