// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import dev.rollcall.edge.client.CallOutcome;
import dev.rollcall.edge.client.EdgeAnswer;
import dev.rollcall.edge.client.QueueClient;
import dev.rollcall.edge.execute.Work;
import dev.rollcall.edge.journal.Journal;
import dev.rollcall.edge.journal.LeaseId;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.lifecycle.Waiter;
import dev.rollcall.edge.schedule.Pace;
import dev.rollcall.edge.schedule.Signal;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.edge.telemetry.StatusBoard;
import dev.rollcall.edge.telemetry.StatusReport.State;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.edge.PollRequest;
import dev.rollcall.protocol.edge.ResultItem;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** Asks for work whenever there is room for some. Confined to its thread, but for the ending. */
final class PollLoop {
  private static final Log LOG = Log.of("poll");

  /** With more results owed than this no work is taken: they are all kept in memory. */
  static final int MOST_OWED = 2_000;

  /** An answer without anything in it that comes sooner did not wait. */
  private static final Duration EARLY = Duration.ofSeconds(1);

  /**
   * While executions of the last answer are ending, the next poll waits for half of the places: to
   * ask for each place as it gets free would cost a request for each execution.
   */
  private static final Duration GATHER = Duration.ofMillis(50);

  private static final Duration FULL_LOOK = Duration.ofSeconds(30);

  /** Before it is looked whether a poll that is to end has ended. */
  private static final Duration NUDGE_PAUSE = Duration.ofMillis(250);

  private static final long NO_POLL = Long.MAX_VALUE;

  private final PollerSettings settings;
  private final QueueClient client;
  private final Work work;
  private final Journal journal;
  private final Outbox outbox;
  private final Verdicts verdicts;
  private final Reporter reporter;
  private final StatusBoard board;
  private final RandomGenerator random;
  private final Ticker ticker;
  private final Waiter pause = new Waiter();
  private Pace pace = Pace.FRESH;
  private final Waiter nudgePause = new Waiter();
  private boolean reportedAll;
  private volatile boolean ending;

  /** Of which change of the cache the poll knows that is under way. */
  private volatile long askedAt = NO_POLL;

  /** Whether the pause is only there to slow down what came back empty. */
  private volatile boolean idling;

  PollLoop(PollerSettings settings, Parts parts, Verdicts verdicts, Reporter reporter) {
    this.settings = settings;
    this.client = parts.client();
    this.work = parts.work();
    this.journal = parts.journal();
    this.outbox = parts.outbox();
    this.verdicts = verdicts;
    this.reporter = reporter;
    this.board = parts.board();
    this.random = parts.random();
    this.ticker = parts.ticker();
  }

  /** One poll, and the wait before the next one. */
  void turn() throws InterruptedException {
    Signal signal = next();
    if (ending) {
      return;
    }
    Pace.Step step = pace.after(signal, random);
    pace = step.pace();
    if (step.pause().isPositive()) {
      board.state(signal instanceof Signal.Denied ? State.HIBERNATING : State.BACKING_OFF);
      idling = signal instanceof Signal.Early(Duration pollAfter) && pollAfter.isZero();
      pause.await(step.pause());
      idling = false;
    } else if (signal instanceof Signal.Busy) {
      board.state(
          work.cache().isLost() ? State.CACHE_LOST : work.free() == 0 ? State.FULL : State.POLLING);
      work.awaitFree(Math.max(1, settings.capacity() / 2), GATHER);
    }
  }

  private Signal next() throws InterruptedException {
    if (!journal.writable()) {
      board.problem("the journal cannot be written");
      return new Signal.Failed();
    }
    askedAt = work.cache().changes(); // before it is looked at
    try {
      return poll(work.cache().isLost());
    } finally {
      askedAt = NO_POLL;
    }
  }

  /**
   * @param cacheLost then it is only asked for news: what was cancelled of that which still runs
   */
  private Signal poll(boolean cacheLost) throws InterruptedException {
    List<ResultItem> results = outbox.take();
    boolean onlyReport = outbox.size() > (reportedAll ? MOST_OWED : results.size());
    int capacity =
        onlyReport || ending || cacheLost ? 0 : Math.min(work.free(), settings.capacity());
    boolean asks = capacity > 0 || (cacheLost && results.isEmpty());
    if (!asks && results.isEmpty()) {
      board.state(State.FULL);
      work.awaitFree(1, FULL_LOOK);
      return new Signal.Busy(Duration.ZERO);
    }
    board.state(cacheLost ? State.CACHE_LOST : State.POLLING);
    int waitSeconds = asks ? (int) settings.longestWait().toSeconds() : 0;
    long began = ticker.nanos();
    CallOutcome<EdgeAnswer> outcome;
    try {
      outcome = client.poll(request(capacity, waitSeconds, results));
    } catch (InterruptedException | RuntimeException e) {
      outbox.giveBack(results);
      throw e;
    }
    return signal(outcome, results, asks, ticker.since(began));
  }

  private PollRequest request(int capacity, int waitSeconds, List<ResultItem> results) {
    var self =
        new PollRequest.PollerInfo(settings.instance(), settings.version(), settings.operations());
    return new PollRequest(capacity, waitSeconds, results, self, null);
  }

  private Signal signal(
      CallOutcome<EdgeAnswer> outcome, List<ResultItem> results, boolean asks, Duration took)
      throws InterruptedException {
    return switch (outcome) {
      case CallOutcome.Answered<EdgeAnswer>(EdgeAnswer answer, long receivedNanos) ->
          answered(answer, receivedNanos, results, asks, took);
      case CallOutcome.Refused<EdgeAnswer> refused -> {
        if (!results.isEmpty()) {
          yield reporter.oneByOne(results);
        }
        LOG.warn("the server refuses this poll", "problems", refused.problems());
        String what = "the server refuses the poll: status " + refused.status();
        yield troubled(what, results, new Signal.Failed());
      }
      case CallOutcome.Unauthenticated<EdgeAnswer>(String reason) ->
          troubled("not accepted: " + reason, results, new Signal.Denied());
      case CallOutcome.Throttled<EdgeAnswer>(int status, var retryAfter) ->
          troubled("told to wait: status " + status, results, new Signal.Throttled(retryAfter));
      case CallOutcome.Failed<EdgeAnswer>(String reason) ->
          troubled(reason, results, new Signal.Failed());
    };
  }

  private Signal troubled(String what, List<ResultItem> results, Signal signal) {
    outbox.giveBack(results);
    if (!ending) {
      LOG.warn("no answer that can be used", "reason", what);
      board.problem(what);
    }
    return signal;
  }

  private Signal answered(
      EdgeAnswer answer, long receivedNanos, List<ResultItem> results, boolean asks, Duration took)
      throws InterruptedException {
    PollAnswer poll = answer.answer();
    if (pace.failures() > 0 || pace.denials() > 0) {
      LOG.info("the server answers again");
    }
    board.answered();
    boolean settled = verdicts.take(results, poll.results());
    reportedAll |= outbox.size() == 0;
    if (answer.nameless() > 0) {
      LOG.warn("executions without command or lease are ignored", "count", answer.nameless());
    }
    for (EdgeAnswer.Unreadable unreadable : answer.unreadable()) {
      work.refuse(new LeaseId(unreadable.command(), unreadable.lease()), unreadable.why());
    }
    work.cancelled(poll.cancelled());
    work.accept(poll.executions(), receivedNanos);
    if (!settled) {
      return new Signal.Failed(); // what got no verdict is not sent again at once
    }
    var pollAfter = Duration.ofSeconds(poll.pollAfterSeconds());
    if (!asks
        || !poll.executions().isEmpty()
        || !poll.cancelled().isEmpty()
        || !answer.unreadable().isEmpty()) {
      return new Signal.Busy(pollAfter);
    }
    return took.compareTo(EARLY) < 0 ? new Signal.Early(pollAfter) : new Signal.Quiet(pollAfter);
  }

  /**
   * Ends a poll that knows of fewer changes of the cache, by another one of the same instance. It
   * may be sent before the one that it is to end, so it is repeated until that one is over.
   */
  void askAnew(long changes) throws InterruptedException {
    if (idling) {
      pause.wake();
    }
    while (askedAt < changes && !ending) {
      if (client.poll(request(0, 0, List.of()))
          instanceof CallOutcome.Answered<EdgeAnswer>(EdgeAnswer answer, long _)) {
        work.cancelled(answer.answer().cancelled());
      }
      nudgePause.await(NUDGE_PAUSE);
    }
  }

  /**
   * Ends the polling: a last poll for nothing, of the same instance, by which the server answers
   * the one it holds. Without it, what the server would lease to that one is lost until the lease
   * lapses.
   */
  void end() throws InterruptedException {
    ending = true;
    pause.wake();
    List<ResultItem> results = outbox.take();
    try {
      if (client.poll(request(0, 0, results))
          instanceof CallOutcome.Answered<EdgeAnswer>(EdgeAnswer answer, long _)) {
        verdicts.take(results, answer.answer().results());
        return;
      }
      outbox.giveBack(results);
    } catch (InterruptedException | RuntimeException e) {
      outbox.giveBack(results);
      throw e;
    }
  }

  boolean hasReportedAll() {
    return reportedAll;
  }
}
