// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.execute;

import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.CacheTask;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.journal.Journal;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.edge.telemetry.StatusBoard;
import dev.rollcall.protocol.edge.ResultItem;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Turns one lease into its result. Thread-safe. */
final class Attempt {
  static final String STOPPING = "stopping";
  static final String LEASE_TOO_SHORT = "lease-too-short";
  static final String LEASE_RAN_OUT = "lease-ran-out";
  static final String LEASE_LOST = "lease-lost";
  static final String INTERNAL = "internal";

  /** For people, of what was not begun. */
  static final String CACHE_LOST = "the cache cannot be reached";

  private static final Log LOG = Log.of("execute");

  /** How long a driver may take to notice that it was interrupted. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final CacheWatch cache;
  private final Journal journal;
  private final StatusBoard board;
  private final Renewals renewals;
  private final Ticker ticker;

  Attempt(CacheWatch cache, Journal journal, StatusBoard board, Renewals renewals, Ticker ticker) {
    this.cache = cache;
    this.journal = journal;
    this.board = board;
    this.renewals = renewals;
    this.ticker = ticker;
  }

  ResultItem run(Leased leased) {
    Optional<ResultItem> earlier = journal.succeeded(leased.id().command());
    if (earlier.isPresent()) {
      LOG.info(
          "succeeded under an earlier lease, not run again",
          "command",
          leased.id().command(),
          "lease",
          leased.id().lease());
      return Results.again(leased.id(), earlier.get());
    }
    if (leased.tooShort()) {
      return Results.failed(
          leased.id(),
          LEASE_TOO_SHORT,
          "a lease of "
              + leased.execution().leaseSeconds()
              + " s leaves no time to execute anything; leaseSeconds of 3 or more is needed",
          Duration.ZERO);
    }
    if (!leased.remaining(ticker.nanos()).isPositive()) {
      return Results.released(
          leased.id(), LEASE_RAN_OUT, "the lease was nearly over before its turn came");
    }
    return switch (Translation.of(leased.execution(), cache.driver().abilities())) {
      case Translation.Refused(String code, String message) ->
          Results.rejected(leased.id(), code, message);
      case Translation.Task(CacheTask task) ->
          cache.isLost()
              ? Results.released(leased.id(), Codes.UNREACHABLE, CACHE_LOST)
              : execute(leased, task);
    };
  }

  private ResultItem execute(Leased leased, CacheTask task) {
    long start = ticker.nanos();
    leased.start(start);
    renewals.began(leased);
    board.started(leased.id().command(), leased.id().lease(), leased.execution().operation());
    var answer = new CompletableFuture<CacheReply>();
    Thread worker =
        Thread.ofVirtual().name("rollcall-execution").start(() -> work(task, leased, answer));
    leased.workedOnBy(worker);
    try {
      CacheReply reply = reply(leased, answer);
      cache.met(reply);
      return Results.of(leased.id(), reply, ticker.since(start));
    } catch (TimeoutException e) {
      return timedOut(leased, worker, ticker.since(start));
    } catch (ExecutionException e) {
      return ended(leased, e, ticker.since(start));
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a lane", e);
    } finally {
      renewals.ended(leased);
    }
  }

  private void work(CacheTask task, Leased leased, CompletableFuture<CacheReply> answer) {
    try {
      answer.complete(cache.driver().execute(task, () -> leased.remaining(ticker.nanos())));
    } catch (InterruptedException | RuntimeException | StackOverflowError e) {
      answer.completeExceptionally(e);
    }
  }

  /** The limit is asked for again when it has passed: the lease may have been renewed meanwhile. */
  private CacheReply reply(Leased leased, CompletableFuture<CacheReply> answer)
      throws TimeoutException, ExecutionException, InterruptedException {
    while (true) {
      long left = leased.remaining(ticker.nanos()).toNanos();
      try {
        return answer.get(Math.max(left, 0), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (!leased.remaining(ticker.nanos()).isPositive()) {
          throw e;
        }
      }
    }
  }

  private ResultItem timedOut(Leased leased, Thread worker, Duration took) {
    cache.doubt();
    worker.interrupt();
    boolean ended = joined(worker);
    if (!ended) {
      LOG.warn(
          "an execution goes on after its time limit",
          "command",
          leased.id().command(),
          "lease",
          leased.id().lease());
    }
    return Results.failed(
        leased.id(), Codes.TIMEOUT, "not done within " + took.toSeconds() + " s", took);
  }

  private static boolean joined(Thread worker) {
    try {
      return worker.join(GRACE);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a lane", e);
    }
  }

  private static ResultItem ended(Leased leased, ExecutionException e, Duration took) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    if (cause instanceof InterruptedException) {
      return leased.givenUp() == Leased.GivenUp.LEASE_LOST
          ? Results.failed(leased.id(), LEASE_LOST, "the lease was lost while it ran", took)
          : Results.released(leased.id(), STOPPING, "the poller stops; not done to its end");
    }
    LOG.error(
        "unexpected failure of a cache driver",
        cause,
        "command",
        leased.id().command(),
        "lease",
        leased.id().lease());
    return Results.failed(leased.id(), INTERNAL, cause.toString(), took);
  }
}
