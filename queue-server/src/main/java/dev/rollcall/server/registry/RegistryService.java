// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry as this node sees it, and the way to change it. Another node's change is seen within
 * a second; whoever resolved something against an older version is told so when it submits.
 * Thread-safe.
 */
public final class RegistryService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryService.class);

  /** Longer than ending takes that is not very much; what is more goes on after the answer. */
  private static final Duration SWEPT_BEFORE_ANSWER = Duration.ofSeconds(2);

  private final Pool changes;
  private final Pool reads;
  private final Sweeps sweeps;
  private final ReentrantLock loading = new ReentrantLock();
  private final PeriodicTask watch =
      new PeriodicTask("registry", Duration.ofSeconds(1), this::refresh);
  private volatile Registry current;

  /** The listeners, in their order, with the version each has dealt with. */
  @GuardedBy("loading")
  private final Map<BiConsumer<Registry, Registry>, Registry> told = new LinkedHashMap<>();

  /** Loads the registry. */
  public RegistryService(Pool changes, Pool reads) {
    this.changes = changes;
    this.reads = reads;
    this.sweeps = new Sweeps(changes);
    this.current = load();
  }

  private Registry load() {
    return reads.inTransaction(handle -> {
      handle.execute("set transaction isolation level repeatable read");
      return RegistryStore.load(handle);
    });
  }

  public void start() {
    watch.start();
  }

  /**
   * Told of each new version, with the one it was told of before. A listener that throws is told
   * again, a second later, and keeps nothing from the others. It holds up everybody who looks for a
   * new version, so it leaves long work to a thread of its own.
   */
  public void onChange(BiConsumer<Registry, Registry> listener) {
    loading.lock();
    try {
      told.put(listener, current);
    } finally {
      loading.unlock();
    }
  }

  public Registry current() {
    return current;
  }

  /** What changes took away and is still to be ended. */
  public Sweeps sweeps() {
    return sweeps;
  }

  /** Loads it anew if the database holds another version. */
  public Registry refresh() {
    loading.lock();
    try {
      long version = reads.withHandle(RegistryStore::version);
      if (version != current.version()) {
        take(load());
      }
      tell();
      return current;
    } finally {
      loading.unlock();
    }
  }

  private void take(Registry next) {
    current = next;
    LOG.info(
        "registry version {}: {} participants, {} servers, {} configurations",
        next.version(),
        next.participants().size(),
        next.servers().size(),
        next.configurations().size());
  }

  @GuardedBy("loading")
  private void tell() {
    Registry now = current;
    for (Map.Entry<BiConsumer<Registry, Registry>, Registry> listener : told.entrySet()) {
      if (listener.getValue() != now) {
        try {
          listener.getKey().accept(listener.getValue(), now);
          listener.setValue(now);
        } catch (RuntimeException e) {
          LOG.error(
              "a change to registry version {} was not dealt with; it is told again",
              now.version(),
              e);
        }
      }
    }
  }

  /**
   * Makes the registry match a manifest, all of it or nothing. What it takes away has ended when
   * this returns, unless that is very much.
   *
   * @param problems what is wrong already; what contradicts is added
   * @param prune also removes what the manifest does not name
   * @param dryRun finds the same problems and changes nothing
   * @throws dev.rollcall.protocol.json.InvalidDocumentException with all problems
   */
  public RegistryDiff apply(Manifest manifest, Problems problems, boolean prune, boolean dryRun) {
    Applied applied =
        changes.inTransaction(handle -> apply(handle, manifest, problems, prune, dryRun));
    if (!dryRun && !applied.diff().isEmpty()) {
      refresh();
      if (!applied.sweeps().isEmpty()) {
        sweeps.await(applied.sweeps(), SWEPT_BEFORE_ANSWER);
      }
    }
    return applied.diff();
  }

  /**
   * @param sweeps what is to be ended afterwards
   */
  private record Applied(RegistryDiff diff, List<Long> sweeps) {}

  private static Applied apply(
      Handle handle, Manifest manifest, Problems problems, boolean prune, boolean dryRun) {
    RegistryStore.lock(handle);
    Registry now = RegistryStore.load(handle);
    var all = new Problems();
    problems.list().forEach(problem -> all.add(problem.pointer(), problem.message()));
    ResultingState wanted = ResultingState.of(now, manifest, prune, all);
    all.throwIfAny();
    handle.savepoint("unchanged");
    var apply = new ManifestApply(handle, now, wanted);
    RegistryDiff diff = apply.run();
    if (dryRun) {
      handle.rollbackToSavepoint("unchanged");
    } else if (!diff.isEmpty()) {
      List<Long> sweeps = SweepStore.note(handle, apply.takenAway());
      if (!sweeps.isEmpty()) {
        VersionStore.awaitHolders(handle);
      }
      RegistryStore.raiseVersion(handle);
      return new Applied(diff, sweeps);
    }
    return new Applied(diff, List.of());
  }

  /** Reads what else belongs to the registry's version. */
  public <T> T read(Function<Handle, T> query) {
    return reads.withHandle(query);
  }

  /** Changes what else belongs to the registry's version, and raises it. */
  public <T> T change(Function<Handle, T> change) {
    T result =
        changes.inTransaction(handle -> {
          RegistryStore.lock(handle);
          T done = change.apply(handle);
          RegistryStore.raiseVersion(handle);
          return done;
        });
    refresh();
    return result;
  }

  @Override
  public void close() {
    watch.close();
  }
}
