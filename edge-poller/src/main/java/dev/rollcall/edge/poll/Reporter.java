// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import dev.rollcall.edge.client.CallOutcome;
import dev.rollcall.edge.client.QueueClient;
import dev.rollcall.edge.execute.Work;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.lifecycle.Waiter;
import dev.rollcall.edge.schedule.Pace;
import dev.rollcall.edge.schedule.Signal;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.protocol.edge.PollAnswer.VerdictItem;
import dev.rollcall.protocol.edge.ResultItem;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Sends results as soon as there are any. What becomes ready while a request is under way goes with
 * the next one, so that under load requests are few and full.
 */
public final class Reporter {
  private static final Log LOG = Log.of("poll");

  private final QueueClient client;
  private final Outbox outbox;
  private final Verdicts verdicts;
  private final Work work;
  private final RandomGenerator random;
  private final Ticker ticker;
  private final Waiter pause = new Waiter();
  private Pace pace = Pace.FRESH;

  Reporter(Parts parts, Verdicts verdicts) {
    this.client = parts.client();
    this.outbox = parts.outbox();
    this.verdicts = verdicts;
    this.work = parts.work();
    this.random = parts.random();
    this.ticker = parts.ticker();
  }

  /** One turn: waits for results, sends them, and after a failure waits before the next turn. */
  void turn() throws InterruptedException {
    List<ResultItem> batch = outbox.awaitAndTake(work::isBusy);
    if (batch.isEmpty()) {
      return; // a poll took them along, or this is the end
    }
    Pace.Step step = pace.after(send(batch), random);
    pace = step.pace();
    if (step.pause().isPositive()) {
      pause.await(step.pause());
    }
  }

  private Signal send(List<ResultItem> batch) throws InterruptedException {
    CallOutcome<List<VerdictItem>> outcome;
    try {
      outcome = client.results(batch);
    } catch (InterruptedException | RuntimeException e) {
      outbox.giveBack(batch);
      throw e;
    }
    return switch (outcome) {
      case CallOutcome.Answered<List<VerdictItem>> answered ->
          verdicts.take(batch, answered.answer())
              ? new Signal.Busy(Duration.ZERO)
              : new Signal.Failed();
      case CallOutcome.Refused<List<VerdictItem>> _ when batch.size() > 1 -> oneByOne(batch);
      case CallOutcome.Refused<List<VerdictItem>> refused when refused.byServer() -> {
        verdicts.refused(batch.getFirst(), refused.problems());
        yield new Signal.Busy(Duration.ZERO);
      }
      case CallOutcome.Refused<List<VerdictItem>>(int status, boolean _, var _) ->
          back(batch, "status " + status + ", not from a queue server", new Signal.Failed());
      case CallOutcome.Throttled<List<VerdictItem>> throttled ->
          back(batch, "throttled", new Signal.Throttled(throttled.retryAfter()));
      case CallOutcome.Unauthenticated<List<VerdictItem>>(String reason) ->
          back(batch, reason, new Signal.Denied());
      case CallOutcome.Failed<List<VerdictItem>>(String reason) ->
          back(batch, reason, new Signal.Failed());
    };
  }

  private Signal back(List<ResultItem> batch, String reason, Signal signal) {
    LOG.warn("results could not be reported", "results", batch.size(), "reason", reason);
    outbox.giveBack(batch);
    return signal;
  }

  /** The server refuses a batch whole; only what it refuses alone is at fault. */
  Signal oneByOne(List<ResultItem> batch) throws InterruptedException {
    LOG.warn("a batch of results is refused; sending them one by one", "results", batch.size());
    Deque<ResultItem> left = new ArrayDeque<>(batch);
    while (!left.isEmpty()) {
      Signal signal;
      try {
        signal = send(List.of(left.removeFirst()));
      } catch (InterruptedException | RuntimeException e) {
        outbox.giveBack(left);
        throw e;
      }
      if (!(signal instanceof Signal.Busy)) {
        outbox.giveBack(left);
        return signal;
      }
    }
    return new Signal.Busy(Duration.ZERO);
  }

  /** Lets the turn that is under way be the last one, and end without waiting for anything. */
  void end() {
    outbox.end();
    pause.wake();
  }

  /** Sends what is left, for the last time; what stays is reported after the next start. */
  void flush(Duration most) throws InterruptedException {
    long end = ticker.nanos() + most.toNanos();
    while (ticker.nanos() - end < 0) {
      List<ResultItem> batch = outbox.take();
      if (batch.isEmpty() || !(send(batch) instanceof Signal.Busy)) {
        return;
      }
    }
  }
}
