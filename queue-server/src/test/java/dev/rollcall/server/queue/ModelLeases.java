// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import static dev.rollcall.server.queue.ModelState.check;

import dev.rollcall.server.queue.ModelState.Place;
import dev.rollcall.server.queue.ModelState.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** The rules of leases: what is handed out, in which order, and for how long. */
final class ModelLeases {
  private final ModelState state;
  private final ModelEnds ends;

  /** By server, track and key: the last command that was handed out for the first time. */
  private final Map<String, Long> firstHanded = new HashMap<>();

  ModelLeases(ModelState state, ModelEnds ends) {
    this.state = state;
    this.ends = ends;
  }

  ModelLeases(ModelState state, ModelEnds ends, ModelLeases before) {
    this(state, ends);
    firstHanded.putAll(before.firstHanded);
  }

  private record KeyInTrack(short track, long key) {}

  /** What may be handed out now, by track, in order. */
  private Map<Short, List<Row>> eligible(int server) {
    Set<Long> held = new HashSet<>();
    Set<KeyInTrack> waiting = new HashSet<>();
    Map<Short, List<Row>> found = new TreeMap<>();
    List<Row> own = state.ofServer(server);
    own.stream().filter(state::isLive).forEach(row -> held.add(row.command().orderingHash()));
    for (Row row : own) {
      long key = row.command().orderingHash();
      var place = new KeyInTrack(row.command().track(), key);
      if (state.isLive(row) || ends.doomed(row, false) != null) {
        continue;
      }
      if (row.visibleAt() > state.now()) {
        waiting.add(place);
      } else if (key == 0 || (!held.contains(key) && !waiting.contains(place))) {
        found.computeIfAbsent(place.track(), t -> new ArrayList<>()).add(row);
      }
    }
    return found;
  }

  /**
   * A poll's leases.
   *
   * @param handed how many the server was handed before
   * @param crowded whether others were at work at the same time: then it may get less than there is
   */
  void handedOut(int server, int want, int handed, List<Exchange.Lease> leases, boolean crowded) {
    checkChoice(server, want, handed, leases, crowded);
    leases.forEach(lease -> handOut(server, lease, leases, crowded));
  }

  private void checkChoice(
      int server, int want, int handed, List<Exchange.Lease> leases, boolean crowded) {
    Map<Short, List<Row>> eligible = eligible(server);
    Map<Short, List<Long>> got = new TreeMap<>();
    check(leases.size() <= want, "%s leases, asked for %s", leases.size(), want);
    for (Exchange.Lease lease : leases) {
      got.computeIfAbsent(lease.command().track(), t -> new ArrayList<>())
          .add(lease.command().seq());
    }
    got.forEach((track, seqs) -> {
      List<Row> may = eligible.getOrDefault(track, List.of());
      if (crowded) {
        checkFronts(may, seqs);
      } else {
        List<Long> front = may.stream().limit(seqs.size()).map(r -> r.command().seq()).toList();
        check(seqs.equals(front), "of track %s %s were handed out, not %s", track, seqs, front);
      }
    });
    if (!crowded) {
      int[] byLane = new int[Track.LANES];
      leases.forEach(lease -> byLane[Track.lane(lease.command().track())]++);
      int[] expected = share(eligible, want, handed);
      check(
          Arrays.equals(byLane, expected),
          "lanes got %s, not %s",
          Arrays.toString(byLane),
          Arrays.toString(expected));
    }
  }

  /** In a crowd rows may be passed over, but of each key only the unbroken front is given. */
  private static void checkFronts(List<Row> may, List<Long> seqs) {
    Map<Long, List<Long>> byKey = new HashMap<>();
    Set<Long> all = new HashSet<>();
    for (Row row : may) {
      all.add(row.command().seq());
      byKey
          .computeIfAbsent(row.command().orderingHash(), k -> new ArrayList<>())
          .add(row.command().seq());
    }
    check(all.containsAll(seqs), "%s were handed out, only %s might", seqs, all);
    byKey.forEach((key, own) -> {
      List<Long> given = seqs.stream().filter(own::contains).toList();
      check(
          key == 0 || given.equals(own.subList(0, given.size())),
          "of key %s %s were handed out, not the front of %s",
          key,
          given,
          own);
    });
  }

  /** How many each lane gets: one of ten goes to the next lower lane, of a hundred one to bulk. */
  private static int[] share(Map<Short, List<Row>> eligible, int want, int handed) {
    int[] left = new int[Track.LANES];
    eligible.forEach((track, own) -> left[Track.lane(track)] += own.size());
    int[] given = new int[Track.LANES];
    int most = most(eligible, want);
    for (int slot = handed + 1; slot <= handed + most; slot++) {
      int down = slot % 100 == 0 ? 2 : slot % 10 == 0 ? 1 : 0;
      int found = -1;
      for (int lane = 0; lane < Track.LANES && down >= 0; lane++) {
        if (left[lane] > 0) {
          found = lane;
          down--;
        }
      }
      if (found >= 0) {
        left[found]--;
        given[found]++;
      }
    }
    return given;
  }

  /** What empties an origin's line of the highest lane is not filled up from a long one. */
  private static int most(Map<Short, List<Row>> eligible, int want) {
    int all = eligible.values().stream().mapToInt(List::size).sum();
    int highest = eligible.keySet().stream().mapToInt(Track::lane).min().orElse(0);
    List<Integer> lines =
        eligible.entrySet().stream()
            .filter(entry -> Track.lane(entry.getKey()) == highest)
            .map(entry -> entry.getValue().size())
            .toList();
    int few =
        lines.stream().filter(size -> size <= want / lines.size()).mapToInt(size -> size).sum();
    return few == 0 || all <= want ? want : Math.min(want, Math.max(2 * few, want / 8));
  }

  private void handOut(
      int server, Exchange.Lease lease, List<Exchange.Lease> answer, boolean crowded) {
    QueuedCommand command = lease.command();
    var key = new Place(server, command.seq());
    Row row = Objects.requireNonNull(state.rows().get(key));
    check(lease.leaseNo() == row.leaseNo() + 1, "%s follows %s", lease, row);
    check(lease.attempt() == row.attempt() + 1, "%s follows %s", lease, row);
    check(lease.attempt() <= command.maxAttempts(), "%s is one attempt too many", lease);
    if (row.leaseNo() == 0 && command.orderingHash() != 0) {
      String order = server + "/" + command.track() + "/" + command.orderingHash();
      Long last = firstHanded.put(order, command.seq());
      check(last == null || last < command.seq(), "%s came after %s", command.seq(), last);
    }
    long seen = state.now() + Math.round(lease.leaseSeconds() * 1e6);
    long until = until(command, answer);
    check(
        Math.abs(until - seen) <= 1
            || (crowded && seen >= until && seen <= ModelState.deadline(command)),
        "%s lasts until %s, not %s",
        lease,
        seen,
        until);
    check(
        Math.abs(lease.deadlineSeconds() * 1e6 - (ModelState.deadline(command) - state.now()))
            < 1000,
        "%s has another deadline",
        lease);
    state
        .rows()
        .put(
            key,
            new Row(
                command,
                lease.leaseNo(),
                lease.attempt(),
                crowded ? seen : until,
                state.now(),
                false,
                null));
  }

  /** Leases of one key that are given together last as long as the longest of them. */
  private long until(QueuedCommand command, List<Exchange.Lease> answer) {
    int seconds =
        answer.stream()
            .map(Exchange.Lease::command)
            .filter(other ->
                command.orderingHash() != 0
                    ? other.orderingHash() == command.orderingHash()
                    : other.seq() == command.seq())
            .mapToInt(QueuedCommand::leaseSeconds)
            .max()
            .orElseThrow();
    return Math.min(state.now() + seconds * 1_000_000L, ModelState.deadline(command));
  }

  void renewed(int server, List<Renewal> asked, List<EdgeQueue.Renewed> answers) {
    for (int i = 0; i < asked.size(); i++) {
      Renewal renewal = asked.get(i);
      var key = new Place(server, renewal.command().seq());
      Row row = state.rows().get(key);
      EdgeQueue.RenewalOutcome expected = EdgeQueue.RenewalOutcome.STALE;
      if (row != null && state.isLive(row) && row.leaseNo() == renewal.lease()) {
        expected =
            row.cancelled()
                ? EdgeQueue.RenewalOutcome.CANCELLED
                : EdgeQueue.RenewalOutcome.EXTENDED;
        if (!row.cancelled()) {
          long until = state.now() + renewal.seconds() * 1_000_000L;
          long most = Math.min(until, ModelState.deadline(row.command()));
          state.rows().put(key, row.until(Math.max(row.visibleAt(), most)));
        }
      }
      check(answers.get(i).outcome() == expected, "%s: %s", renewal, answers.get(i).outcome());
    }
  }
}
