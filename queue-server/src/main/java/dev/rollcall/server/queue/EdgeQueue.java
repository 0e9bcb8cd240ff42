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

  private final Pool pool;
  private final CommandIndex index;
  private final Completion completion;
  private final LapseTimer lapseTimer;
  private final QueueListener listener;
  private final HoldBoard holds;
  private final Floors floors;
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
    this.pool = pool;
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
            request -> 1 + request.results().size() + Math.max(0, request.want()),
            request -> request.server().participantId(),
            this::run);
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

  private List<Exchange.Answer> run(List<Exchange.Request> batch) {
    Map<Short, List<Integer>> cells = new TreeMap<>();
    for (int i = 0; i < batch.size(); i++) {
      cells.computeIfAbsent(batch.get(i).server().cell(), cell -> new ArrayList<>()).add(i);
    }
    Exchange.Answer[] answers = new Exchange.Answer[batch.size()];
    cells.forEach((cell, which) -> {
      List<Exchange.Answer> own = runCell(cell, which.stream().map(batch::get).toList());
      for (int i = 0; i < which.size(); i++) {
        answers[which.get(i)] = own.get(i);
      }
    });
    return List.of(answers);
  }

  private List<Exchange.Answer> runCell(short cell, List<Exchange.Request> requests) {
    HoldSet held = holds.current();
    ExchangeBatch.Done done =
        ExchangeBatch.inTransaction(pool, cell, index, requests, held, floors.era());
    holds.kept(held, done.batch().kept());
    completion.count(done.batch().deltas());
    completion.mayHaveEnded(done.batch().full());
    completion.started(done.batch().started());
    if (!done.batch().missed().isEmpty()) {
      listener.missed(done.batch().missed());
    }
    lapses.increment(done.batch().lapses());
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
