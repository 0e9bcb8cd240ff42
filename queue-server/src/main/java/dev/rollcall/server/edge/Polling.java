// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.edge.PollRequest;
import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.command.Payloads;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.CommandIndex;
import dev.rollcall.server.queue.EdgeQueue;
import dev.rollcall.server.queue.Exchange;
import dev.rollcall.server.queue.QueueListener;
import dev.rollcall.server.queue.QueueServer;
import dev.rollcall.server.queue.ReportedResult;
import dev.rollcall.server.queue.Resyncs;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.ClientConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves polls: results first, durable before anything else; then work, at once if there is any,
 * else when it comes. A poll that waits holds a thread that costs nothing, no connection and no
 * statement. Thread-safe.
 */
final class Polling {
  private static final Logger LOG = LoggerFactory.getLogger(Polling.class);

  private static final int SPREAD_FROM_SECONDS = 10;
  private static final long TOGETHER_NANOS = 500_000_000;

  private final EdgeQueue queue;
  private final CommandIndex index;
  private final Payloads payloads;
  private final Desks desks;
  private final Resyncs resyncs;
  private final QueueListener listener;
  private final Pool pool;
  private final Metrics metrics;

  Polling(
      EdgeQueue queue,
      CommandIndex index,
      Payloads payloads,
      Desks desks,
      Resyncs resyncs,
      QueueListener listener,
      Pool pool,
      Metrics metrics) {
    this.queue = queue;
    this.index = index;
    this.payloads = payloads;
    this.desks = desks;
    this.resyncs = resyncs;
    this.listener = listener;
    this.pool = pool;
    this.metrics = metrics;
  }

  /**
   * @param client who waits for the answer; whoever has gone is handed nothing
   */
  PollAnswer poll(Caller caller, QueueServer server, PollRequest request, ClientConnection client) {
    metrics.counter(Meter.POLLS).increment();
    ServerDesk desk = desks.of(server.id());
    String instance = request.poller() == null ? null : request.poller().instance();
    if (request.resynced() != null) {
      resyncs.acknowledge(server, request.resynced());
    }
    try (ServerDesk.Waiting poll = desks.open(server.id(), instance, caller.tokenId())) {
      poll.aboutToLook();
      Settling settling = settling(server, request.results());
      Exchange.Answer found = settle(server, settling, request.capacity(), desk, poll);
      List<Exchange.Held> news = poll.takeNews(found.cancelled());
      long end = waitsUntil(System.nanoTime(), request.waitSeconds(), RandomGenerator.getDefault());
      boolean waiting = true;
      boolean gone = false;
      while (found.leases().isEmpty()
          && news.isEmpty()
          && waiting
          && !desks.isStopping()
          && !isNews(server, poll)) {
        long left = end - System.nanoTime();
        ServerDesk.Reason reason = left <= 0 ? ServerDesk.Reason.TIME : park(poll, found, left);
        gone = client.isGone();
        waiting = reason != ServerDesk.Reason.ENDED && System.nanoTime() < end && !gone;
        if (waiting) {
          poll.aboutToLook();
          found = look(server, request.capacity(), desk);
          news = poll.takeNews(found.cancelled());
        }
      }
      count(settling.verdicts());
      boolean isRead = !gone && (!poll.isEnded() || desks.isStopping());
      return isRead
          ? answer(server, poll, desk, settling, found, news)
          : unread(server, poll, settling, found, news);
    }
  }

  /**
   * When a poll's wait ends, by the clock that {@code now} is of. A long wait is shortened by up to
   * a tenth, or edges that came all at once, after a restart, would come back all at once from then
   * on; and those that end within half a second end together, since polls that come together cost
   * the database less.
   */
  static long waitsUntil(long now, int seconds, RandomGenerator random) {
    long whole = Duration.ofSeconds(seconds).toNanos();
    if (seconds < SPREAD_FROM_SECONDS) {
      return now + whole;
    }
    long end = now + whole - random.nextLong(whole / 10);
    return end - Math.floorMod(end, TOGETHER_NANOS);
  }

  /** Whether the server missed something of which this instance has not been told. */
  private boolean isNews(QueueServer server, ServerDesk.Waiting poll) {
    return resyncs.of(server).filter(resync -> poll.takeResync(resync.id())).isPresent();
  }

  /** Stands in every answer until the server has made up for it. */
  private PollAnswer.@Nullable Resync resync(QueueServer server, ServerDesk.Waiting poll) {
    Resyncs.Resync resync = resyncs.of(server).orElse(null);
    if (resync == null) {
      return null;
    }
    boolean _ = poll.takeResync(resync.id());
    return new PollAnswer.Resync(resync.id().toString(), resync.since(), resync.missed());
  }

  private ServerDesk.Reason park(ServerDesk.Waiting poll, Exchange.Answer found, long leftNanos) {
    desks.parked().incrementAndGet();
    try {
      double due = Math.max(found.dueInSeconds() + 0.001, 0.001) * 1e9;
      return poll.await(Duration.ofNanos(Math.min(leftNanos, (long) due)));
    } finally {
      desks.parked().decrementAndGet();
    }
  }

  private Exchange.Answer look(QueueServer server, int capacity, ServerDesk desk) {
    return queue.exchange(new Exchange.Request(server, List.of(), capacity, desk.handed()));
  }

  private Settling settling(QueueServer server, List<ResultItem> results) {
    Set<UUID> ids = Settling.ids(results);
    return new Settling(results, server, index.byId(pool, ids), RandomGenerator.getDefault());
  }

  /** All rounds of results, the last of them together with the first look for work. */
  private Exchange.Answer settle(
      QueueServer server, Settling settling, int want, ServerDesk desk, ServerDesk.Waiting poll) {
    while (true) {
      List<ReportedResult> round = settling.next();
      int wantNow = settling.isLastRound() ? want : Exchange.NOTHING;
      Exchange.Answer answer =
          queue.exchange(new Exchange.Request(server, round, wantNow, desk.handed()));
      settling.judged(answer.verdicts());
      if (!round.isEmpty()) {
        poll.wakeOthers(() -> wake(server));
      }
      if (settling.isDone()) {
        desk.forget(settling.settled());
        return answer;
      }
    }
  }

  /** Only results. */
  List<PollAnswer.VerdictItem> report(QueueServer server, List<ResultItem> results) {
    Settling settling = settling(server, results);
    while (!settling.isDone()) {
      List<ReportedResult> round = settling.next();
      settling.judged(
          queue.exchange(new Exchange.Request(server, round, Exchange.NOTHING, 0)).verdicts());
    }
    desks.of(server.id()).forget(settling.settled());
    wake(server);
    count(settling.verdicts());
    return settling.answer();
  }

  private void wake(QueueServer server) {
    listener.wake(List.of(server.id()));
  }

  private void count(List<Verdict> verdicts) {
    if (verdicts.isEmpty()) {
      return;
    }
    Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
    verdicts.forEach(verdict -> counts.merge(verdict, 1, Integer::sum));
    counts.forEach((verdict, count) ->
        metrics.counter(Meter.RESULTS, "verdict", verdict.wire()).increment(count));
  }

  private PollAnswer answer(
      QueueServer server,
      ServerDesk.Waiting poll,
      ServerDesk desk,
      Settling settling,
      Exchange.Answer found,
      List<Exchange.Held> news) {
    try {
      List<PollAnswer.Execution> executions = executions(found.leases());
      desk.hand(executions.size());
      return new PollAnswer(
          settling.answer(),
          executions,
          news.stream()
              .map(held -> new PollAnswer.LeaseRef(held.command().id().toString(), held.leaseNo()))
              .toList(),
          0,
          resync(server, poll));
    } catch (RuntimeException e) {
      try {
        takeBack(server, poll, found, news);
      } catch (RuntimeException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  /** Nobody reads this poll's answer: what it took is for whoever took its place. */
  private PollAnswer unread(
      QueueServer server,
      ServerDesk.Waiting poll,
      Settling settling,
      Exchange.Answer found,
      List<Exchange.Held> news) {
    takeBack(server, poll, found, news);
    if (poll.isRevoked()) {
      throw ApiException.unauthenticated("The token has expired or was revoked.");
    }
    return new PollAnswer(settling.answer(), List.of(), List.of(), 0, null);
  }

  private void takeBack(
      QueueServer server,
      ServerDesk.Waiting poll,
      Exchange.Answer found,
      List<Exchange.Held> news) {
    poll.giveBackNews(news);
    poll.giveBackResync();
    putBack(server, found.leases());
  }

  private void putBack(QueueServer server, List<Exchange.Lease> leases) {
    if (leases.isEmpty()) {
      return;
    }
    LOG.info("server {}: {} leases put back, nobody waits for them", server.id(), leases.size());
    List<ReportedResult> released = new ArrayList<>();
    for (Exchange.Lease lease : leases) {
      released.add(
          new ReportedResult(
              server,
              lease.command(),
              lease.leaseNo(),
              Outcome.RELEASED,
              true,
              0,
              "not-delivered",
              null,
              null,
              null));
    }
    Exchange.Answer unused =
        queue.exchange(new Exchange.Request(server, released, Exchange.NOTHING, 0));
    LOG.debug("verdicts {}", unused.verdicts());
    wake(server);
  }

  private List<PollAnswer.Execution> executions(List<Exchange.Lease> leases) {
    if (leases.isEmpty()) {
      return List.of();
    }
    Map<Long, Payloads.Payload> told =
        payloads.bySeq(leases.stream().map(lease -> lease.command().seq()).toList());
    List<PollAnswer.Execution> executions = new ArrayList<>(leases.size());
    for (Exchange.Lease lease : leases) {
      executions.add(execution(lease, Objects.requireNonNull(told.get(lease.command().seq()))));
    }
    return executions;
  }

  private static PollAnswer.Execution execution(Exchange.Lease lease, Payloads.Payload payload) {
    @Nullable String degrade = payload.degrade();
    return new PollAnswer.Execution(
        lease.command().id().toString(),
        lease.leaseNo(),
        lease.attempt(),
        payload.operation(),
        payload.parameters(),
        payload.configuration(),
        payload.orderingKey(),
        Math.round(lease.leaseSeconds()),
        Math.round(lease.deadlineSeconds()),
        degrade);
  }
}
