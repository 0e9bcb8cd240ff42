// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

import dev.rollcall.load.history.CommandLog;
import dev.rollcall.load.history.LeaseLog;
import dev.rollcall.load.http.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Many simulated edges at one queue server. Its methods may be called by any thread. */
public final class Fleet implements AutoCloseable {
  private static final long LOOK_EVERY = TimeUnit.MICROSECONDS.toNanos(200);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  private final List<FleetLoop> loops = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<LeaseLog> leases = new ArrayList<>();
  private final int size;
  private boolean stopped;

  /**
   * @param loopCount how many threads play the edges
   */
  public Fleet(
      Target target,
      List<EdgeIdentity> edges,
      Behaviour behaviour,
      CommandLog commands,
      int loopCount) {
    size = edges.size();
    for (int loop = 0; loop < loopCount; loop++) {
      var log = new LeaseLog();
      List<FleetConnection> own = new ArrayList<>();
      for (int i = loop; i < edges.size(); i += loopCount) {
        String instance = "load-" + ProcessHandle.current().pid() + "-" + i;
        own.add(
            new FleetConnection(
                new SimulatedEdge(edges.get(i), instance, behaviour, target, commands, log)));
      }
      leases.add(log);
      loops.add(newLoop(target, own));
    }
  }

  private static FleetLoop newLoop(Target target, List<FleetConnection> connections) {
    try {
      return new FleetLoop(target, connections);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void start() {
    for (int i = 0; i < loops.size(); i++) {
      threads.add(Thread.ofPlatform().name("rollcall-fleet-" + i).daemon().start(loops.get(i)));
    }
  }

  /** Waits until every edge has a poll at the server. */
  public void awaitPolling(Duration limit) {
    if (!reaches(limit, () -> polling() >= size)) {
      throw new IllegalStateException(
          polling()
              + " of "
              + size
              + " edges poll after "
              + limit
              + "; complaints: "
              + complaints());
    }
  }

  /** Waits until so many executions have ended by a result of these edges; no longer than that. */
  public boolean awaitAcknowledged(long executions, Duration limit) {
    return reaches(limit, () -> acknowledged() >= executions);
  }

  private boolean reaches(Duration limit, BooleanSupplier reached) {
    long end = System.nanoTime() + limit.toNanos();
    while (!reached.getAsBoolean()) {
      if (!threads.stream().allMatch(Thread::isAlive)) {
        throw new IllegalStateException("the fleet died; complaints: " + complaints());
      }
      if (System.nanoTime() > end) {
        return false;
      }
      LockSupport.parkNanos(LOOK_EVERY);
    }
    return true;
  }

  /** How many executions ended by a result of these edges so far. */
  public long acknowledged() {
    return loops.stream().mapToLong(loop -> loop.progress().acknowledged.get()).sum();
  }

  /** How many answers came in so far. */
  public long answers() {
    return loops.stream().mapToLong(loop -> loop.progress().answers.get()).sum();
  }

  /** How many edges have a poll at the server now. */
  public int polling() {
    return loops.stream().mapToInt(loop -> loop.progress().polling.get()).sum();
  }

  /** What went wrong so far, by what was said. */
  public Map<String, Long> complaints() {
    Map<String, Long> all = new TreeMap<>();
    loops.forEach(loop ->
        loop.progress().complaints.counts().forEach((kind, n) -> all.merge(kind, n, Long::sum)));
    return all;
  }

  /** What the edges saw; only after {@link #stop}. */
  public List<LeaseLog> leases() {
    if (!stopped) {
      throw new IllegalStateException("the fleet still writes");
    }
    return List.copyOf(leases);
  }

  @Override
  public void close() {
    stop();
  }

  /** Lets edges report what they owe and take back their parked polls, then ends. */
  public void stop() {
    loops.forEach(FleetLoop::stop);
    for (Thread thread : threads) {
      try {
        if (!thread.join(STOP_LIMIT)) {
          throw new IllegalStateException(thread.getName() + " does not stop");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    stopped = true;
  }
}
