// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static dev.rollcall.server.queue.ModelState.check;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.ModelState.Place;
import dev.rollcall.server.queue.ModelState.Row;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rules of ends: by results, by what the server decides, and of whole commands. */
final class ModelEnds {
  /** One result of a request. */
  record Item(QueuedCommand command, int lease, Outcome outcome, boolean retry, double jitter) {}

  private final ModelState state;

  ModelEnds(ModelState state) {
    this.state = state;
  }

  /** What must become of an execution that is under no live lease, if anything. */
  @Nullable Row doomed(Row row, boolean cancel) {
    if (row.end() != null || state.isLive(row)) {
      return null;
    }
    if (row.cancelled() || cancel) {
      return row.ended(EndState.CANCELLED, "cancelled", false);
    }
    if (row.isLeased() && row.attempt() >= row.command().maxAttempts()) {
      return row.ended(EndState.FAILED, "no-result", false);
    }
    return ModelState.deadline(row.command()) <= state.now()
        ? row.ended(EndState.EXPIRED, "deadline", false)
        : null;
  }

  /**
   * A poll met these rows of a server, and may have ended some.
   *
   * @param open what the database holds afterwards
   * @param sawAll whether it saw to the end of the queue
   */
  void met(int server, List<Row> before, Set<Place> open, boolean sawAll) {
    for (Row row : before) {
      var key = new Place(server, row.command().seq());
      Row end = doomed(row, false);
      if (end != null && !open.contains(key)) {
        state.rows().put(key, end);
      }
      check(!sawAll || end == null || !open.contains(key), "%s should have ended", row);
    }
  }

  void settled(int server, List<Item> results, List<Verdict> verdicts) {
    Set<List<Object>> seen = new HashSet<>();
    for (int i = 0; i < results.size(); i++) {
      Item item = results.get(i);
      boolean first = seen.add(List.of(item.command().seq(), item.lease()));
      Verdict expected = first ? settle(server, item) : Verdict.DUPLICATE;
      check(verdicts.get(i) == expected, "%s is %s, not %s", item, verdicts.get(i), expected);
    }
  }

  private Verdict settle(int server, Item item) {
    var key = new Place(server, item.command().seq());
    Row row = state.rows().get(key);
    if (row == null) {
      return Verdict.UNKNOWN;
    }
    if (row.end() == null && row.isLeased() && row.leaseNo() == item.lease()) {
      state.rows().put(key, afterResult(key, row, item));
      return Verdict.ACCEPTED;
    }
    Boolean late = state.leases(key).get(item.lease());
    boolean reported = row.end() != null && row.end().reported();
    if ((reported && row.leaseNo() == item.lease()) || Boolean.FALSE.equals(late)) {
      return Verdict.DUPLICATE;
    }
    if (item.lease() >= 1 && item.lease() <= row.leaseNo()) {
      state.leases(key).putIfAbsent(item.lease(), true);
    }
    return Verdict.STALE;
  }

  private Row afterResult(Place key, Row row, Item item) {
    boolean released = item.outcome() == Outcome.RELEASED;
    long pause =
        Math.round(item.jitter() * 1e6 * Math.min(60, Math.pow(2, Math.min(row.attempt(), 7) - 1)));
    long again = released ? state.now() : state.now() + pause;
    EndState ends =
        switch (item.outcome()) {
          case SUCCEEDED -> EndState.SUCCEEDED;
          case REJECTED -> EndState.REJECTED;
          default ->
              row.cancelled() || state.cancelAsked().contains(row.command().seq())
                  ? EndState.CANCELLED
                  : !released
                          && (!item.retry()
                              || row.attempt() >= row.command().maxAttempts()
                              || again >= ModelState.deadline(row.command()))
                      ? EndState.FAILED
                      : null;
        };
    if (ends != null) {
      return row.ended(ends, "code", true);
    }
    state.leases(key).putIfAbsent(item.lease(), false);
    return new Row(
        row.command(),
        row.leaseNo(),
        row.attempt() - (released ? 1 : 0),
        again,
        ModelState.NEVER,
        row.cancelled(),
        null);
  }

  void swept(QueuedCommand command, boolean cancel, Ends.Walk walk) {
    int ended = 0;
    int live = 0;
    for (Place key : List.copyOf(state.rows().keySet())) {
      Row row = Objects.requireNonNull(state.rows().get(key));
      if (key.seq() != command.seq() || row.end() != null) {
        continue;
      }
      Row end = doomed(row, cancel);
      if (end != null) {
        state.rows().put(key, end);
        ended++;
      } else if (state.isLive(row)) {
        live++;
        state.rows().put(key, cancel ? row.marked() : row);
      }
    }
    check(walk.ended() == ended && walk.live() == live, "%s, not %s and %s", walk, ended, live);
  }

  void removed(int server, int ended) {
    List<Row> own = state.ofServer(server);
    check(own.size() == ended, "%s were removed, not %s", ended, own.size());
    for (Row row : own) {
      state
          .rows()
          .put(
              new Place(server, row.command().seq()),
              row.ended(EndState.CANCELLED, "server-removed", false));
    }
  }

  void finished(List<QueuedCommand> commands) {
    for (QueuedCommand command : commands) {
      List<Row> own =
          state.rows().values().stream().filter(r -> r.command().seq() == command.seq()).toList();
      if (own.stream().anyMatch(row -> row.end() == null)) {
        continue;
      }
      List<EndState> states =
          own.stream().map(row -> Objects.requireNonNull(row.end()).state()).toList();
      boolean cancelled =
          state.cancelAsked().contains(command.seq()) && states.contains(EndState.CANCELLED);
      boolean good = states.stream().allMatch(EndState.SUCCEEDED::equals);
      state
          .finalStates()
          .putIfAbsent(command.seq(), cancelled ? "cancelled" : good ? "complete" : "failed");
    }
  }
}
