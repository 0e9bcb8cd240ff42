// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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

  private final Pool changes;
  private final Pool reads;
  private final List<BiConsumer<Registry, Registry>> listeners = new CopyOnWriteArrayList<>();
  private final ReentrantLock loading = new ReentrantLock();
  private final PeriodicTask watch =
      new PeriodicTask("registry", Duration.ofSeconds(1), this::refresh);
  private volatile Registry current;

  /** Loads the registry. */
  public RegistryService(Pool changes, Pool reads) {
    this.changes = changes;
    this.reads = reads;
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

  /** Told of each new version, with the one before it. */
  public void onChange(BiConsumer<Registry, Registry> listener) {
    listeners.add(listener);
  }

  public Registry current() {
    return current;
  }

  /** Loads it anew if the database holds another version. */
  public Registry refresh() {
    loading.lock();
    try {
      long version = reads.withHandle(RegistryStore::version);
      if (version != current.version()) {
        take(load());
      }
      return current;
    } finally {
      loading.unlock();
    }
  }

  private void take(Registry next) {
    Registry before = current;
    current = next;
    LOG.info(
        "registry version {}: {} participants, {} servers, {} configurations",
        next.version(),
        next.participants().size(),
        next.servers().size(),
        next.configurations().size());
    listeners.forEach(listener -> listener.accept(before, next));
  }

  /**
   * Makes the registry match a manifest, all of it or nothing.
   *
   * @param problems what is wrong already; what contradicts is added
   * @param prune also removes what the manifest does not name
   * @param dryRun finds the same problems and changes nothing
   * @throws dev.rollcall.protocol.json.InvalidDocumentException with all problems
   */
  public RegistryDiff apply(Manifest manifest, Problems problems, boolean prune, boolean dryRun) {
    RegistryDiff diff =
        changes.inTransaction(handle -> {
          RegistryStore.lock(handle);
          Registry now = RegistryStore.load(handle);
          var all = new Problems();
          problems.list().forEach(problem -> all.add(problem.pointer(), problem.message()));
          ResultingState wanted = ResultingState.of(now, manifest, prune, all);
          all.throwIfAny();
          handle.savepoint("unchanged");
          RegistryDiff done = new ManifestApply(handle, now, wanted).run();
          if (dryRun) {
            handle.rollbackToSavepoint("unchanged");
          } else if (!done.isEmpty()) {
            RegistryStore.raiseVersion(handle);
          }
          return done;
        });
    if (!dryRun && !diff.isEmpty()) {
      refresh();
    }
    return diff;
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
