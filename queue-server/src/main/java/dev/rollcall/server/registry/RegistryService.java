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
import org.jspecify.annotations.Nullable;
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
      new PeriodicTask("registry", Duration.ofSeconds(1), this::watch);
  private volatile Registry current;
  private volatile ChangeRecord record = ChangeRecord.NONE;

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

  /** Where changes are noted from now on. */
  public void recordIn(ChangeRecord where) {
    record = where;
  }

  public ChangeRecord record() {
    return record;
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

  private void watch() {
    refresh();
    boolean mayEnd =
        current.participants().stream()
            .flatMap(participant -> participant.exposures().stream())
            .anyMatch(exposure -> exposure.until() != null && !exposure.expired());
    if (mayEnd && reads.withHandle(RegistryStore::isExposureOver)) {
      expire();
    }
  }

  /** Ends exposures whose time has passed, as if they were withdrawn. */
  private void expire() {
    boolean some =
        changes.inTransaction(handle -> {
          RegistryStore.lock(handle);
          List<RegistryStore.Over> over = RegistryStore.expire(handle);
          if (over.isEmpty()) {
            return false;
          }
          List<Short> exposing =
              over.stream().map(RegistryStore.Over::participantId).distinct().toList();
          SweepStore.note(handle, new SweepStore.TakenAway(List.of(), exposing));
          VersionStore.awaitHolders(handle);
          RegistryStore.raiseVersion(handle);
          record.registryChanged(
              handle,
              RegistryDiff.expired(over.stream().map(RegistryStore.Over::fullName).toList()));
          return true;
        });
    if (some) {
      refresh();
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
    return apply(
        now -> {
          var all = new Problems();
          problems.list().forEach(problem -> all.add(problem.pointer(), problem.message()));
          ResultingState wanted = ResultingState.of(now, manifest, prune, all);
          all.throwIfAny();
          return wanted;
        },
        dryRun);
  }

  private RegistryDiff apply(Function<Registry, ResultingState> want, boolean dryRun) {
    Applied applied = changes.inTransaction(handle -> apply(handle, want, dryRun));
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

  private Applied apply(Handle handle, Function<Registry, ResultingState> want, boolean dryRun) {
    RegistryStore.lock(handle);
    Registry now = underLock(handle);
    ResultingState wanted = want.apply(now);
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
      record.registryChanged(handle, diff);
      return new Applied(diff, sweeps);
    }
    return new Applied(diff, List.of());
  }

  /** What is in memory, if nobody changed it since. */
  private Registry underLock(Handle handle) {
    Registry known = current;
    return known.version() == RegistryStore.version(handle) ? known : RegistryStore.load(handle);
  }

  /** What an edit did; {@code view} is the thing as it is afterwards, null when it is gone. */
  record Edited(boolean created, RegistryDiff diff, @Nullable Object view) {}

  /**
   * Changes one thing, or nothing. What that takes away has ended when this returns, unless that is
   * very much.
   *
   * @param problems what is wrong already; what contradicts is added
   * @throws dev.rollcall.protocol.json.InvalidDocumentException with all problems
   * @throws dev.rollcall.server.web.ApiException 404 for what is out of reach, 412
   */
  Edited edit(Edit edit, Reach reach, Precondition precondition, Problems problems) {
    Place place = edit.place();
    boolean[] created = new boolean[1];
    @Nullable Object[] view = new Object[1];
    RegistryDiff diff =
        apply(
            now -> {
              Participant owner = now.participant(place.participant());
              if (owner == null ? !edit.makesParticipant() : !reach.covers(owner.id())) {
                throw place.ownerUnknown();
              }
              Object before = RegistryJson.view(now, place);
              if (before == null && edit.needsPlace()) {
                throw place.unknown();
              }
              precondition.check(before == null ? null : RegistryJson.tag(before));
              var all = new Problems();
              problems.list().forEach(problem -> all.add(problem.pointer(), problem.message()));
              all.throwIfAny();
              ResultingState state = ResultingState.of(now, edit, !reach.all(), all);
              edit.refuse(all);
              created[0] = before == null;
              view[0] = edit.removes() ? null : RegistryJson.view(state, place);
              return state;
            },
            false);
    return new Edited(created[0], diff, view[0]);
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
