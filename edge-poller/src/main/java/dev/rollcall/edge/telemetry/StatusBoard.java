// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.telemetry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.edge.telemetry.StatusReport.State;
import dev.rollcall.protocol.edge.ResultItem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Where the parts of the poller note what they are doing. Thread-safe. */
public final class StatusBoard {
  /** Running executions that a report names. */
  public static final int MOST_RUNNING = 20;

  private static final int MOST_LAST = 20;

  /** What does not change while the process lives. */
  public record Self(
      long pid, String version, String instance, String server, String cache, int capacity) {}

  private record Key(String command, long lease) {}

  private final Self self;
  private final InstantSource clock;
  private final Instant startedAt;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private State state = State.STARTING;

  @GuardedBy("lock")
  private Instant stateSince;

  @GuardedBy("lock")
  private @Nullable Instant answeredAt;

  @GuardedBy("lock")
  private @Nullable String problem;

  @GuardedBy("lock")
  private @Nullable Instant problemAt;

  @GuardedBy("lock")
  private StatusReport.@Nullable CacheTrouble cacheTrouble;

  @GuardedBy("lock")
  private final Map<Key, StatusReport.Running> running = new LinkedHashMap<>();

  @GuardedBy("lock")
  private final Map<String, Long> ended = new TreeMap<>();

  @GuardedBy("lock")
  private final Deque<StatusReport.Ended> last = new ArrayDeque<>();

  @GuardedBy("lock")
  private boolean changed = true;

  public StatusBoard(Self self, InstantSource clock) {
    this.self = self;
    this.clock = clock;
    this.startedAt = clock.instant();
    this.stateSince = startedAt;
  }

  public void state(State next) {
    synchronized (lock) {
      if (state != next) {
        state = next;
        stateSince = clock.instant();
        change();
      }
    }
  }

  /** The queue server answered. */
  public void answered() {
    synchronized (lock) {
      answeredAt = clock.instant();
      problem = null;
      problemAt = null;
      change();
    }
  }

  public void problem(String what) {
    synchronized (lock) {
      problem = what;
      problemAt = clock.instant();
      change();
    }
  }

  public void cacheLost(StatusReport.CacheTrouble trouble) {
    synchronized (lock) {
      cacheTrouble = trouble;
      change();
    }
  }

  public void cacheReached() {
    synchronized (lock) {
      cacheTrouble = null;
      change();
    }
  }

  public void started(String command, long lease, String operation) {
    synchronized (lock) {
      running.put(
          new Key(command, lease),
          new StatusReport.Running(command, lease, operation, clock.instant()));
      change();
    }
  }

  public void ended(ResultItem result, String operation) {
    synchronized (lock) {
      running.remove(new Key(result.command(), result.lease()));
      ended.merge(result.outcome(), 1L, Long::sum);
      last.addFirst(
          new StatusReport.Ended(
              clock.instant(),
              result.command(),
              result.lease(),
              operation,
              result.outcome(),
              result.code(),
              result.objects(),
              result.durationMillis(),
              result.message()));
      if (last.size() > MOST_LAST) {
        last.removeLast();
      }
      change();
    }
  }

  @GuardedBy("lock")
  private void change() {
    changed = true;
    lock.notifyAll();
  }

  /** Waits until something has changed since the last report, at most so long. */
  public void awaitChange(Duration most) throws InterruptedException {
    synchronized (lock) {
      for (long left = most.toMillis(); !changed && left > 0; left = 0) {
        lock.wait(left); // woken for nothing, one report more is written
      }
    }
  }

  /**
   * @param queued how many executions wait for their turn
   * @param owed how many results wait for a verdict
   */
  public StatusReport report(IntSupplier queued, IntSupplier owed) {
    int queuedNow = queued.getAsInt();
    int owedNow = owed.getAsInt();
    synchronized (lock) {
      changed = false;
      return new StatusReport(
          self.pid,
          self.version,
          self.instance,
          startedAt,
          clock.instant(),
          self.server,
          self.cache,
          state.words(),
          Objects.requireNonNull(stateSince),
          answeredAt,
          problem,
          problemAt,
          cacheTrouble,
          self.capacity,
          running.values().stream().limit(MOST_RUNNING).toList(),
          running.size(),
          queuedNow,
          owedNow,
          new TreeMap<>(ended),
          List.copyOf(last));
    }
  }
}
