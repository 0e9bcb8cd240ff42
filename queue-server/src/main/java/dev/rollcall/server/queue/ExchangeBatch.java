// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.db.Pool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * One transaction of the edge: results are settled, then leases taken, then what was met on the way
 * and may not be leased any more is ended, then the counters. All servers are of one cell and no
 * server occurs twice. Confined to one thread.
 */
final class ExchangeBatch {
  /** Rows read beside those wanted: what is leased, or waits for a retry, stands in front. */
  private static final int BESIDE = 6;

  /** A second look, for a server whose window was full of what may not be leased. */
  private static final int SECOND_WINDOW = 2_000;

  /** Second looks are taken for so many servers together that no more is held in memory. */
  private static final int MOST_ROWS_AT_ONCE = 20_000;

  /** In seconds: after that a server looks again whose picks somebody else held. */
  private static final double SOON = 0.1;

  private final Handle handle;
  private final short cell;
  private final CommandIndex index;
  private final List<Exchange.Request> requests;
  private final boolean fronts;
  private final HoldSet holds;
  private final Floors.Era floors;
  private Map<Integer, Tracks> learnt = Map.of();
  private final Set<Integer> kept = new HashSet<>();
  private final RollupStore.Deltas deltas = new RollupStore.Deltas();
  private final Misses misses = new Misses();
  private final List<Long> full = new ArrayList<>();
  private final List<Long> started = new ArrayList<>();
  private int lapses;
  private boolean spared;

  /**
   * @param fronts whether to take only the unbroken fronts that can be locked at once; else what
   *     was picked must be taken whole
   */
  ExchangeBatch(
      Handle handle,
      short cell,
      CommandIndex index,
      List<Exchange.Request> requests,
      HoldSet holds,
      Floors.Era floors,
      boolean fronts) {
    this.holds = holds;
    this.floors = floors;
    this.handle = handle;
    this.cell = cell;
    this.index = index;
    this.requests = requests;
    this.fronts = fronts;
  }

  /** What was picked changed before it was taken; nothing may be kept of the transaction. */
  static final class PicksChangedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PicksChangedException() {
      super("picked rows changed", null, false, false);
    }
  }

  /**
   * @param answers one for each request, in their order
   */
  record Done(ExchangeBatch batch, List<Exchange.Answer> answers) {}

  /**
   * Runs a batch in a transaction. It mostly takes all that it picked; when somebody else was
   * quicker with one of the rows the whole is done again, with a statement that sees to fronts.
   */
  static Done inTransaction(
      Pool pool,
      short cell,
      CommandIndex index,
      List<Exchange.Request> requests,
      HoldSet holds,
      Floors.Era floors) {
    Done done;
    try {
      done = inTransaction(pool, cell, index, requests, holds, floors, false);
    } catch (PicksChangedException e) {
      done = inTransaction(pool, cell, index, requests, holds, floors, true);
    }
    done.batch.learnt.forEach(floors::learn); // what was settled could have been rolled back
    return done;
  }

  private static Done inTransaction(
      Pool pool,
      short cell,
      CommandIndex index,
      List<Exchange.Request> requests,
      HoldSet holds,
      Floors.Era floors,
      boolean fronts) {
    return pool.inTransaction(handle -> {
      var batch = new ExchangeBatch(handle, cell, index, requests, holds, floors, fronts);
      return new Done(batch, batch.run(pool::waitAsUsual));
    });
  }

  /**
   * @param beforeCounters what happens when all rows of the queue are settled, leased or ended, and
   *     before the counters are locked, which many batches share
   */
  List<Exchange.Answer> run(Consumer<Handle> beforeCounters) {
    List<List<Verdict>> verdicts = settle();
    List<Picker.Picks> picks = pick();
    List<List<Exchange.Lease>> leases = take(picks);
    endOver(picks);
    if (!deltas.isEmpty()) {
      beforeCounters.accept(handle);
      full.addAll(RollupStore.count(handle, cell, deltas));
    }
    misses.write(handle, cell);
    List<Exchange.Answer> answers = new ArrayList<>(requests.size());
    for (int i = 0; i < requests.size(); i++) {
      answers.add(
          new Exchange.Answer(
              verdicts.get(i),
              leases.get(i),
              cancelled(picks.get(i)),
              dueIn(picks.get(i), leases.get(i))));
    }
    return answers;
  }

  private static double dueIn(Picker.Picks picks, List<Exchange.Lease> leases) {
    boolean othersHeldIt = leases.isEmpty() && !picks.picks().isEmpty();
    return othersHeldIt ? Math.min(SOON, picks.dueIn()) : picks.dueIn();
  }

  private List<Exchange.Held> cancelled(Picker.Picks picks) {
    if (picks.cancelled().isEmpty()) {
      return List.of();
    }
    Map<Long, QueuedCommand> commands =
        index.bySeq(handle, picks.cancelled().stream().map(Candidate::seq).toList());
    return picks.cancelled().stream()
        .map(row ->
            new Exchange.Held(Objects.requireNonNull(commands.get(row.seq())), row.leaseNo()))
        .toList();
  }

  /** Commands of which a counter filled up: they may have ended. */
  List<Long> full() {
    return full;
  }

  /** Commands that were handed out for the first time at some server. */
  List<Long> started() {
    return started;
  }

  int lapses() {
    return lapses;
  }

  /** Whether somebody's few executions were handed out where another's many wait. */
  boolean spared() {
    return spared;
  }

  /** How many executions ended, by participant and state. */
  RollupStore.Deltas deltas() {
    return deltas;
  }

  /** Servers that a hold kept something from. */
  Set<Integer> kept() {
    return kept;
  }

  /** Servers at which something expired that was never handed out. */
  Collection<Integer> missed() {
    return misses.servers();
  }

  private List<List<Verdict>> settle() {
    List<ReportedResult> items = new ArrayList<>();
    for (Exchange.Request request : requests) {
      items.addAll(request.results());
    }
    @Nullable Verdict[] verdicts = new Verdict[items.size()];
    if (!items.isEmpty()) {
      for (SettleStore.Settled settled : SettleStore.settle(handle, cell, items)) {
        verdicts[settled.ordinal()] = Verdict.ACCEPTED;
        if (settled.ends() != null) {
          ReportedResult item = items.get(settled.ordinal());
          deltas.add(item.command().seq(), item.server().participantId(), settled.ends());
        }
      }
      judgeRest(items, verdicts);
    }
    List<List<Verdict>> byRequest = new ArrayList<>(requests.size());
    int at = 0;
    for (Exchange.Request request : requests) {
      List<Verdict> own = new ArrayList<>(request.results().size());
      for (int i = 0; i < request.results().size(); i++) {
        Verdict verdict = verdicts[at++];
        own.add(verdict == null ? Verdict.UNKNOWN : verdict);
      }
      byRequest.add(own);
    }
    return byRequest;
  }

  private void judgeRest(List<ReportedResult> items, @Nullable Verdict[] verdicts) {
    List<ReportedResult> rest = new ArrayList<>();
    List<Integer> at = new ArrayList<>();
    for (int i = 0; i < verdicts.length; i++) {
      if (verdicts[i] == null) {
        rest.add(items.get(i));
        at.add(i);
      }
    }
    if (!rest.isEmpty()) {
      for (SettleStore.Refused refused : SettleStore.verdicts(handle, cell, rest)) {
        verdicts[at.get(refused.ordinal())] = Verdict.of(refused.verdict()).orElseThrow();
      }
    }
  }

  private List<Picker.Picks> pick() {
    Windows windows = Windows.read(handle, cell, requests, BESIDE, floors);
    learnt = windows.learnt();
    Map<Integer, Picker.Picks> picks = new TreeMap<>();
    Set<Integer> all = new TreeSet<>();
    for (int i = 0; i < requests.size(); i++) {
      all.add(i);
    }
    pick(windows, all, picks);
    Set<Integer> blind = new TreeSet<>(all);
    blind.removeIf(i -> !Objects.requireNonNull(picks.get(i)).blind());
    for (Set<Integer> part : windows.parts(blind, SECOND_WINDOW, MOST_ROWS_AT_ONCE)) {
      windows.widen(part, SECOND_WINDOW);
      pick(windows, part, picks);
      windows.drop(part);
    }
    return List.copyOf(picks.values());
  }

  private void pick(Windows windows, Set<Integer> which, Map<Integer, Picker.Picks> picks) {
    Map<Long, QueuedCommand> commands = index.bySeq(handle, windows.seqs(which));
    HoldSet.Check check = holds.check(handle, commands);
    picks.putAll(windows.pick(which, commands, check));
    kept.addAll(check.servers());
  }

  private List<List<Exchange.Lease>> take(List<Picker.Picks> picks) {
    List<List<Exchange.Lease>> byRequest = new ArrayList<>(requests.size());
    for (Picker.Picks own : picks) {
      byRequest.add(new ArrayList<>());
      lapses += own.lapsed();
      spared |= own.spared();
    }
    var columns = new PickColumns(requests, picks);
    if (columns.isEmpty()) {
      return byRequest;
    }
    for (LeaseStore.Taken lease : taken(columns)) {
      QueuedCommand command = columns.command(lease.ordinal());
      if (lease.leaseNo() == 1) {
        started.add(command.seq());
      }
      byRequest
          .get(columns.request(lease.ordinal()))
          .add(
              new Exchange.Lease(
                  command,
                  lease.leaseNo(),
                  lease.attempt(),
                  lease.remaining(),
                  command.deadline() - lease.leasedAt()));
    }
    return byRequest;
  }

  /** In the order of the picks. */
  private List<LeaseStore.Taken> taken(PickColumns columns) {
    List<LeaseStore.Taken> taken;
    if (fronts || columns.isGuarded()) {
      taken = LeaseStore.takeFronts(handle, cell, columns.columns());
    } else {
      taken = LeaseStore.take(handle, cell, columns.columns());
      if (taken.size() < columns.size()) {
        throw new PicksChangedException();
      }
    }
    taken.sort(Comparator.comparingInt(lease -> columns.place(lease.ordinal())));
    return taken;
  }

  private void endOver(List<Picker.Picks> picks) {
    int n = picks.stream().mapToInt(p -> p.over().size()).sum();
    if (n == 0) {
      return;
    }
    var rows =
        new EndStore.OverRows(
            new int[n],
            new short[n],
            new long[n],
            new int[n],
            new short[n],
            new String[n],
            new String[n]);
    EndState[] states = new EndState[n];
    int at = 0;
    for (int i = 0; i < requests.size(); i++) {
      QueueServer server = requests.get(i).server();
      for (Picker.Ended over : picks.get(i).over()) {
        states[at] = over.reason().state();
        rows.servers()[at] = server.id();
        rows.participants()[at] = server.participantId();
        rows.tracks()[at] = over.row().track();
        rows.seqs()[at] = over.row().seq();
        rows.leaseNos()[at] = over.row().leaseNo();
        rows.states()[at] = states[at].sql();
        rows.codes()[at] = over.reason().code();
        at++;
      }
    }
    for (int done : EndStore.endOver(handle, cell, rows)) {
      deltas.add(rows.seqs()[done], rows.participants()[done], states[done]);
      misses.note(rows.servers()[done], rows.seqs()[done], states[done], rows.leaseNos()[done]);
    }
  }
}
