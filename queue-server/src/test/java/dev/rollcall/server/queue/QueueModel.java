// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static dev.rollcall.server.queue.ModelState.check;

import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.ModelEnds.Item;
import dev.rollcall.server.queue.ModelState.Place;
import dev.rollcall.server.queue.ModelState.Row;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the queue must hold and answer, by the rules and without a database. Each step is told with
 * the answer that was seen, held against the rules, and then done. Confined to one thread.
 */
final class QueueModel {
  private final ModelState state;
  private final ModelEnds ends;
  private final ModelLeases leases;

  /** Whether others are at work at the same time: then a poll may get less than there is. */
  private boolean crowded;

  QueueModel(long now) {
    state = new ModelState(now);
    ends = new ModelEnds(state);
    leases = new ModelLeases(state, ends);
  }

  QueueModel(QueueModel other) {
    state = new ModelState(other.state);
    ends = new ModelEnds(state);
    leases = new ModelLeases(state, ends, other.leases);
    crowded = other.crowded;
  }

  QueueModel crowded() {
    crowded = true;
    return this;
  }

  QueueModel alone() {
    crowded = false;
    return this;
  }

  ModelState state() {
    return state;
  }

  void move(long micros) {
    state.move(micros);
  }

  void submitted(QueuedCommand command, int[] servers) {
    for (QueuedCommand other : state.commands()) {
      check(
          other.seq() < command.seq(), "the place %s is not after %s", command.seq(), other.seq());
    }
    for (int server : servers) {
      state
          .rows()
          .put(
              new Place(server, command.seq()),
              new Row(command, 0, 0, ModelState.NEVER, ModelState.NEVER, false, null));
    }
  }

  /**
   * A poll, or only results.
   *
   * @param handed how many the server was handed before
   * @param open what the database holds afterwards
   */
  void polled(
      int server,
      List<Item> results,
      int want,
      int handed,
      List<Verdict> verdicts,
      Exchange.Answer answer,
      Set<Place> open) {
    ends.settled(server, results, verdicts);
    if (want == Exchange.NOTHING) {
      check(answer.leases().isEmpty(), "leases although none were asked for");
      return;
    }
    List<Row> before = state.ofServer(server);
    boolean sawAll = !crowded && before.size() <= want;
    checkNews(before, answer, sawAll);
    leases.handedOut(server, want, handed, answer.leases(), crowded);
    ends.met(server, before, open, sawAll);
  }

  private void checkNews(List<Row> before, Exchange.Answer answer, boolean sawAll) {
    Set<Long> marked = new TreeSet<>();
    double due = Double.POSITIVE_INFINITY;
    for (Row row : before) {
      if (state.isLive(row) && row.cancelled()) {
        marked.add(row.command().seq());
      }
      if (ends.doomed(row, false) == null && row.visibleAt() > state.now()) {
        due = Math.min(due, (row.visibleAt() - state.now()) / 1e6);
      }
    }
    Set<Long> told = new TreeSet<>();
    answer.cancelled().forEach(held -> told.add(held.command().seq()));
    check(crowded || marked.containsAll(told), "told %s, cancelled are %s", told, marked);
    if (sawAll) {
      check(told.equals(marked), "told %s, cancelled are %s", told, marked);
      boolean same = due == answer.dueInSeconds() || Math.abs(due - answer.dueInSeconds()) < 1e-3;
      check(same, "due in %s, not %s", answer.dueInSeconds(), due);
    }
  }

  void renewed(int server, List<Renewal> asked, List<EdgeQueue.Renewed> answers) {
    leases.renewed(server, asked, answers);
  }

  void cancelAsked(QueuedCommand command) {
    state.cancelAsked().add(command.seq());
  }

  void swept(QueuedCommand command, boolean cancel, Ends.Walk walk) {
    ends.swept(command, cancel, walk);
  }

  void removed(int server, int ended) {
    ends.removed(server, ended);
  }

  void finished(List<QueuedCommand> commands) {
    ends.finished(commands);
  }
}
