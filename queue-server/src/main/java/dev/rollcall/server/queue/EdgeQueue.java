// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.server.batch.Batcher;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The queue as the edge sees it: results in, leases out, leases made longer. Calls of many servers
 * go through the database together. Thread-safe.
 */
public final class EdgeQueue implements AutoCloseable {
  private static final int WORKERS = 2;
  private static final int MOST_ROWS_IN_BATCH = 2_000;
  private static final int MOST_WAITING = 20_000;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

  /** For one that failed with others and behind which others wait. */
  private static final Duration MOMENT = Duration.ofMillis(20);

  private final Pool pool;
  private final Pool hurried;
  private final CommandIndex index;
  private final Completion completion;
  private final LapseTimer lapseTimer;
  private final QueueListener listener;
  private final HoldBoard holds;
  private final Floors floors;
  private final Turns turns;
  private final Batcher<Exchange.Request, Exchange.Answer> exchanges;
  private final Counter leases;
  private final Counter lapses;

  public EdgeQueue(
      Pool pool,
      CommandIndex index,
      Completion completion,
      LapseTimer lapseTimer,
      QueueListener listener,
      HoldBoard holds,
      Floors floors,
      Metrics metrics) {
    this(
        pool,
        index,
        completion,
        lapseTimer,
        listener,
        holds,
        floors,
        metrics,
        new Turns(WORKERS, System::nanoTime));
  }

  EdgeQueue(
      Pool pool,
      CommandIndex index,
      Completion completion,
      LapseTimer lapseTimer,
      QueueListener listener,
      HoldBoard holds,
      Floors floors,
      Metrics metrics,
      Turns turns) {
    this.pool = pool;
    this.turns = turns;
    this.hurried = pool.waitingAtMost(MOMENT);
    this.index = index;
    this.completion = completion;
    this.lapseTimer = lapseTimer;
    this.listener = listener;
    this.holds = holds;
    this.floors = floors;
    this.leases = metrics.counter(Meter.LEASES);
    this.lapses = metrics.counter(Meter.LEASE_LAPSES);
    this.exchanges =
        new Batcher<>(
            new Batcher.Limits("edge", WORKERS, MOST_ROWS_IN_BATCH, MOST_WAITING, LONGEST_WAIT),
            metrics,
            request -> request.server().id(),
            request -> 1 + rows(request, turns.latest()),
            request -> request.server().participantId(),
            new Exchanges());
  }

  private final class Exchanges implements Batcher.Work<Exchange.Request, Exchange.Answer> {
    @Override
    public List<Exchange.Answer> run(List<Exchange.Request> items) {
      int waiting = exchanges.waiting();
      int most = fitting(items, turns.most(waiting));
      long start = System.nanoTime();
      List<Exchange.Answer> answers =
          exchange(items.stream().map(request -> request.atMost(most)).toList(), pool);
      if (waiting > 0) {
        turns.took(rows(items, answers), Duration.ofNanos(System.nanoTime() - start));
      }
      return answers;
    }

    @Override
    public Exchange.Answer again(Exchange.Request item) {
      return exchange(List.of(item), hurried).getFirst();
    }
  }

  public void start() {
    exchanges.start();
  }

  /**
   * Settles results, then leases; durable when it returns. What results made leasable concerns the
   * server's other polls, which only the caller can tell from its own: it wakes them.
   *
   * @throws Batcher.RefusedException when too many are waiting
   */
  public Exchange.Answer exchange(Exchange.Request request) {
    return exchanges.call(request);
  }

  private static int rows(Exchange.Request request, int most) {
    return request.results().size() + Math.clamp(request.want(), 0, most);
  }

  /** A batch that was gathered for shorter answers than are allowed now is to stay as small. */
  private static int fitting(List<Exchange.Request> batch, int most) {
    long rows = batch.stream().mapToLong(request -> rows(request, most)).sum();
    return rows <= MOST_ROWS_IN_BATCH || batch.size() == 1
        ? most
        : Math.min(most, Math.max(Turns.LEAST, MOST_ROWS_IN_BATCH / batch.size()));
  }

  private static int rows(List<Exchange.Request> batch, List<Exchange.Answer> answers) {
    return batch.stream().mapToInt(request -> request.results().size()).sum()
        + answers.stream().mapToInt(answer -> answer.leases().size()).sum();
  }

  private List<Exchange.Answer> exchange(List<Exchange.Request> batch, Pool connections) {
    Map<Short, List<Integer>> cells = new TreeMap<>();
    for (int i = 0; i < batch.size(); i++) {
      cells.computeIfAbsent(batch.get(i).server().cell(), cell -> new ArrayList<>()).add(i);
    }
    Exchange.Answer[] answers = new Exchange.Answer[batch.size()];
    cells.forEach((cell, which) -> {
      List<Exchange.Answer> own =
          runCell(cell, which.stream().map(batch::get).toList(), connections);
      for (int i = 0; i < which.size(); i++) {
        answers[which.get(i)] = own.get(i);
      }
    });
    return List.of(answers);
  }

  private List<Exchange.Answer> runCell(
      short cell, List<Exchange.Request> requests, Pool connections) {
    HoldSet held = holds.current();
    ExchangeBatch.Done done =
        ExchangeBatch.inTransaction(connections, cell, index, requests, held, floors.era());
    holds.kept(held, done.batch().kept());
    completion.count(done.batch().deltas());
    completion.mayHaveEnded(done.batch().full());
    completion.started(done.batch().started());
    if (!done.batch().missed().isEmpty()) {
      listener.missed(done.batch().missed());
    }
    lapses.increment(done.batch().lapses());
    if (done.batch().spared()) {
      turns.hurry();
    }
    int handedOut = 0;
    for (int i = 0; i < requests.size(); i++) {
      QueueServer server = requests.get(i).server();
      List<Exchange.Lease> own = done.answers().get(i).leases();
      handedOut += own.size();
      for (Exchange.Lease lease : own) {
        if (lease.isLast()) {
          lapseTimer.watch(server, lease.command(), lease.leaseSeconds());
        }
      }
    }
    leases.increment(handedOut);
    return done.answers();
  }

  /** What became of a renewal. */
  public enum RenewalOutcome {
    EXTENDED,
    STALE,
    CANCELLED
  }

  /**
   * @param leaseSeconds what remains, of one that was extended
   */
  public record Renewed(RenewalOutcome outcome, double leaseSeconds) {}

  /** Makes leases of one server longer; one outcome for each, in their order. */
  public List<Renewed> renew(short cell, List<Renewal> renewals) {
    List<Renewed> outcomes = new ArrayList<>();
    renewals.forEach(renewal -> outcomes.add(new Renewed(RenewalOutcome.STALE, 0)));
    if (renewals.isEmpty()) {
      return outcomes;
    }
    List<EndStore.Renewed> found =
        pool.inTransaction(handle -> EndStore.renew(handle, cell, renewals));
    for (EndStore.Renewed renewed : found) {
      outcomes.set(
          renewed.ordinal(),
          renewed.cancelled()
              ? new Renewed(RenewalOutcome.CANCELLED, 0)
              : new Renewed(RenewalOutcome.EXTENDED, renewed.remaining()));
      Renewal renewal = renewals.get(renewed.ordinal());
      lapseTimer.watch(
          renewal.server(), renewal.command(), Math.max(renewal.seconds(), renewed.remaining()));
    }
    return outcomes;
  }

  @Override
  public void close() {
    exchanges.close();
  }
}
