// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.journal.HeldLease;
import dev.rollcall.edge.journal.Journal;
import dev.rollcall.edge.journal.JournalException;
import dev.rollcall.edge.journal.LeaseId;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.edge.telemetry.StatusBoard;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.edge.ResultItem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** All executions that this poller holds a lease of. Thread-safe. */
public final class Work {
  private static final Log LOG = Log.of("execute");

  /** No command has a longer one; a server that says so must not make the calendar overflow. */
  private static final long LONGEST_DEADLINE_SECONDS = 2_592_000;

  /** In the journal it is for people only. */
  private static final int LONGEST_OPERATION = 200;

  /**
   * @param capacity executions held at once
   * @param executionLimit the most one may take, whatever its lease
   */
  public record Limits(int capacity, Duration executionLimit) {}

  private final Limits limits;
  private final Journal journal;
  private final CacheWatch cache;
  private final StatusBoard board;
  private final Consumer<ResultItem> results;
  private final Ticker ticker;
  private final InstantSource clock;
  private final Attempt attempt;
  private final Lanes lanes = new Lanes();
  private final Renewals renewals;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<LeaseId, Leased> held = new LinkedHashMap<>();

  @GuardedBy("lock")
  private boolean stopping;

  /** On a cache that nobody looks after but the executions. */
  Work(
      Limits limits,
      CacheDriver driver,
      Journal journal,
      StatusBoard board,
      Consumer<ResultItem> results,
      Ticker ticker,
      InstantSource clock) {
    this(
        limits,
        new CacheWatch(driver, board, clock, ticker, RandomGenerator.getDefault()),
        journal,
        board,
        results,
        ticker,
        clock);
  }

  /**
   * @param results gets each result once it is recorded
   */
  public Work(
      Limits limits,
      CacheWatch cache,
      Journal journal,
      StatusBoard board,
      Consumer<ResultItem> results,
      Ticker ticker,
      InstantSource clock) {
    this.limits = limits;
    this.cache = cache;
    this.journal = journal;
    this.board = board;
    this.results = results;
    this.ticker = ticker;
    this.clock = clock;
    this.renewals = new Renewals(ticker);
    this.attempt = new Attempt(cache, journal, board, renewals, ticker);
  }

  public CacheWatch cache() {
    return cache;
  }

  /** How many more executions may be taken. */
  public int free() {
    synchronized (lock) {
      return Math.max(0, limits.capacity - held.size());
    }
  }

  /** Waits until so many places are free, at most so long; answers how many are. */
  public int awaitFree(int wanted, Duration most) throws InterruptedException {
    long end = ticker.nanos() + most.toNanos();
    synchronized (lock) {
      while (limits.capacity - held.size() < wanted) {
        long left = end - ticker.nanos();
        if (left <= 0) {
          break;
        }
        lock.wait(left / 1_000_000 + 1);
      }
      return Math.max(0, limits.capacity - held.size());
    }
  }

  /** Whether any lease is held, so that more results will come. */
  public boolean isBusy() {
    synchronized (lock) {
      return !held.isEmpty();
    }
  }

  /** Leased, but not begun. */
  public int waiting() {
    return lanes.waiting();
  }

  /**
   * Takes executions: records their leases, then begins.
   *
   * @param receivedNanos when the answer that holds them came in
   */
  public void accept(List<PollAnswer.Execution> executions, long receivedNanos)
      throws InterruptedException {
    List<Leased> taken = new ArrayList<>();
    boolean stop;
    synchronized (lock) {
      for (PollAnswer.Execution execution : executions) {
        var leased = new Leased(execution, receivedNanos, limits.executionLimit);
        if (held.putIfAbsent(leased.id(), leased) == null) {
          taken.add(leased);
        }
      }
      stop = stopping;
    }
    if (taken.isEmpty()) {
      return;
    }
    try {
      journal.received(taken.stream().map(this::heldLease).toList());
    } catch (JournalException e) {
      release(taken, "journal", "the poller's journal cannot be written");
      return;
    }
    if (stop) {
      release(taken, Attempt.STOPPING, "the poller stops");
      return;
    }
    for (String key : lanes.add(taken)) {
      Thread.ofVirtual().name("rollcall-lane").start(() -> workOff(key));
    }
  }

  private HeldLease heldLease(Leased leased) {
    Instant now = clock.instant();
    PollAnswer.Execution execution = leased.execution();
    long deadlineSeconds = Math.clamp(execution.deadlineSeconds(), 0L, LONGEST_DEADLINE_SECONDS);
    String operation = execution.operation();
    return new HeldLease(
        leased.id(),
        operation.substring(0, Math.min(operation.length(), LONGEST_OPERATION)),
        now,
        now.plusSeconds(deadlineSeconds));
  }

  private void workOff(String key) {
    for (Leased next = lanes.next(key); next != null; next = lanes.next(key)) {
      ResultItem result = result(next);
      finish(next, result);
      if (Results.breaksRun(result)) {
        release(
            lanes.restOfRun(key),
            "run-broken",
            "an earlier execution of its key, " + result.command() + ", was not done");
      }
    }
  }

  /** Whatever happens, the lease gets a result and the lane goes on. */
  private ResultItem result(Leased leased) {
    try {
      return attempt.run(leased);
    } catch (RuntimeException e) {
      LOG.error("unexpected failure of an execution", e, "command", leased.id().command());
      return Results.failed(leased.id(), Attempt.INTERNAL, e.toString(), Duration.ZERO);
    }
  }

  private void release(Collection<Leased> leases, String code, String message) {
    for (Leased leased : leases) {
      finish(leased, Results.released(leased.id(), code, message));
    }
  }

  private void finish(Leased leased, ResultItem result) {
    String operation = leased.execution().operation();
    LOG.info(
        "done",
        "command",
        result.command(),
        "lease",
        result.lease(),
        "operation",
        operation,
        "outcome",
        result.outcome(),
        "code",
        result.code(),
        "objects",
        result.objects(),
        "millis",
        result.durationMillis(),
        "message",
        result.message());
    board.ended(result, operation);
    journal.finished(result, () -> results.accept(result));
    synchronized (lock) {
      held.remove(leased.id());
      lock.notifyAll();
    }
  }

  /** Reports leases whose execution cannot be read. */
  public void refuse(LeaseId id, String why) {
    ResultItem result = Results.rejected(id, Translation.INVALID, why);
    LOG.warn(
        "an execution cannot be read", "command", id.command(), "lease", id.lease(), "why", why);
    board.ended(result, "unknown");
    journal.finished(result, () -> results.accept(result));
  }

  /** Their commands were cancelled: what has not begun is released, what runs is finished. */
  public void cancelled(List<PollAnswer.LeaseRef> leases) {
    for (PollAnswer.LeaseRef lease : leases) {
      List<Leased> taken = lanes.takeFrom(new LeaseId(lease.command(), lease.lease()));
      if (!taken.isEmpty()) {
        release(taken.subList(0, 1), "cancelled", "the command was cancelled");
        release(
            taken.subList(1, taken.size()),
            "run-broken",
            "an earlier execution of its key, " + lease.command() + ", was cancelled");
      }
    }
  }

  /** Releases what has not begun, because the cache is not there for it. */
  public void setAside() {
    release(lanes.takeAll(), Codes.UNREACHABLE, Attempt.CACHE_LOST);
  }

  /** Stops taking executions, and releases what has not begun. */
  public void drain() {
    synchronized (lock) {
      stopping = true;
    }
    release(lanes.takeAll(), Attempt.STOPPING, "the poller stops");
  }

  /** Gives up what runs; it is released. */
  public void abort() {
    List<Leased> running;
    synchronized (lock) {
      running = List.copyOf(held.values());
    }
    running.forEach(leased -> leased.giveUp(Leased.GivenUp.STOPPING));
  }

  /** Waits until nothing is held any more; answers whether that is so. */
  public boolean awaitIdle(Duration most) throws InterruptedException {
    return awaitFree(limits.capacity, most) == limits.capacity;
  }

  /** The leases that must be kept up while their executions run. */
  public Renewals renewals() {
    return renewals;
  }
}
