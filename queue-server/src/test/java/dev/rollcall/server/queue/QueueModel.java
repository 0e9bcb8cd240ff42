// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the queue must hold and answer, by the rules and without a database. Each step is told with
 * the answer that was seen, held against the rules, and then done. Times are microseconds. Confined
 * to one thread.
 */
final class QueueModel {
  static final long NEVER = Long.MIN_VALUE;

  record Place(int server, long seq) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byServer = Integer.compare(server, other.server);
      return byServer != 0 ? byServer : Long.compare(seq, other.seq);
    }
  }

  /** How an execution ended. */
  record End(EndState state, String code, boolean reported) {}

  /** One execution: what the queue holds of it, and its end if it has come. */
  record Row(
      QueuedCommand command,
      int leaseNo,
      int attempt,
      long visibleAt,
      long leasedAt,
      boolean cancelled,
      @Nullable End end) {
    boolean isLeased() {
      return leasedAt != NEVER;
    }

    Row ended(EndState state, String code, boolean reported) {
      return new Row(
          command,
          leaseNo,
          attempt,
          visibleAt,
          leasedAt,
          cancelled,
          new End(state, code, reported));
    }

    Row until(long newVisibleAt) {
      return new Row(command, leaseNo, attempt, newVisibleAt, leasedAt, cancelled, end);
    }

    Row marked() {
      return new Row(command, leaseNo, attempt, visibleAt, leasedAt, true, end);
    }
  }

  /** One result of a request. */
  record Item(QueuedCommand command, int lease, Outcome outcome, boolean retry, double jitter) {}

  private final Map<Place, Row> rows;
  private final Map<Place, Map<Integer, Boolean>> log;
  private final Map<String, Long> firstHanded;
  private final Set<Long> cancelAsked;
  private final Map<Long, String> finalStates;
  private long now;

  /** Whether others are at work at the same time: then a poll may get less than there is. */
  private boolean crowded;

  QueueModel(long now) {
    this.now = now;
    rows = new TreeMap<>();
    log = new TreeMap<>();
    firstHanded = new HashMap<>();
    cancelAsked = new TreeSet<>();
    finalStates = new TreeMap<>();
  }

  QueueModel(QueueModel other) {
    now = other.now;
    crowded = other.crowded;
    rows = new TreeMap<>(other.rows);
    log = new TreeMap<>();
    other.log.forEach((key, leases) -> log.put(key, new TreeMap<>(leases)));
    firstHanded = new HashMap<>(other.firstHanded);
    cancelAsked = new TreeSet<>(other.cancelAsked);
    finalStates = new TreeMap<>(other.finalStates);
  }

  QueueModel crowded() {
    crowded = true;
    return this;
  }

  QueueModel alone() {
    crowded = false;
    return this;
  }

  long now() {
    return now;
  }

  Map<Place, Row> rows() {
    return rows;
  }

  Map<Place, Map<Integer, Boolean>> log() {
    return log;
  }

  Map<Long, String> finalStates() {
    return finalStates;
  }

  List<QueuedCommand> commands() {
    return new ArrayList<>(
        rows.values().stream()
            .map(Row::command)
            .collect(
                java.util.stream.Collectors.toMap(
                    QueuedCommand::seq, c -> c, (a, b) -> a, TreeMap::new))
            .values());
  }

  boolean isLive(Row row) {
    return row.end() == null && row.isLeased() && row.visibleAt() > now;
  }

  private static long deadline(QueuedCommand command) {
    return Math.round(command.deadline() * 1e6);
  }

  @FormatMethod
  static void check(boolean holds, @FormatString String what, @Nullable Object... values) {
    if (!holds) {
      throw new AssertionError(String.format(java.util.Locale.ROOT, what, values));
    }
  }

  void move(long micros) {
    now += micros;
  }

  void submitted(QueuedCommand command, int[] servers) {
    for (QueuedCommand other : commands()) {
      check(
          other.seq() < command.seq(), "the place %s is not after %s", command.seq(), other.seq());
    }
    for (int server : servers) {
      rows.put(new Place(server, command.seq()), new Row(command, 0, 0, NEVER, NEVER, false, null));
    }
  }

  /** What must become of an execution that is under no live lease, if anything. */
  private @Nullable Row doomed(Row row, boolean cancel) {
    if (row.end() != null || isLive(row)) {
      return null;
    }
    if (row.cancelled() || cancel) {
      return row.ended(EndState.CANCELLED, "cancelled", false);
    }
    if (row.isLeased() && row.attempt() >= row.command().maxAttempts()) {
      return row.ended(EndState.FAILED, "no-result", false);
    }
    return deadline(row.command()) <= now ? row.ended(EndState.EXPIRED, "deadline", false) : null;
  }

  private Verdict settle(int server, Item item) {
    var key = new Place(server, item.command().seq());
    Row row = rows.get(key);
    if (row == null) {
      return Verdict.UNKNOWN;
    }
    if (row.end() == null && row.isLeased() && row.leaseNo() == item.lease()) {
      rows.put(key, afterResult(key, row, item));
      return Verdict.ACCEPTED;
    }
    Boolean late = leases(key).get(item.lease());
    boolean reported = row.end() != null && row.end().reported();
    if ((reported && row.leaseNo() == item.lease()) || Boolean.FALSE.equals(late)) {
      return Verdict.DUPLICATE;
    }
    if (item.lease() >= 1 && item.lease() <= row.leaseNo()) {
      leases(key).putIfAbsent(item.lease(), true);
    }
    return Verdict.STALE;
  }

  private Map<Integer, Boolean> leases(Place key) {
    return log.computeIfAbsent(key, k -> new TreeMap<>());
  }

  private Row afterResult(Place key, Row row, Item item) {
    boolean released = item.outcome() == Outcome.RELEASED;
    long pause =
        Math.round(item.jitter() * 1e6 * Math.min(60, Math.pow(2, Math.min(row.attempt(), 7) - 1)));
    long again = released ? now : now + pause;
    EndState ends =
        switch (item.outcome()) {
          case SUCCEEDED -> EndState.SUCCEEDED;
          case REJECTED -> EndState.REJECTED;
          default ->
              row.cancelled() || cancelAsked.contains(row.command().seq())
                  ? EndState.CANCELLED
                  : !released
                          && (!item.retry()
                              || row.attempt() >= row.command().maxAttempts()
                              || again >= deadline(row.command()))
                      ? EndState.FAILED
                      : null;
        };
    if (ends != null) {
      return row.ended(ends, "code", true);
    }
    leases(key).putIfAbsent(item.lease(), false);
    return new Row(
        row.command(),
        row.leaseNo(),
        row.attempt() - (released ? 1 : 0),
        again,
        NEVER,
        row.cancelled(),
        null);
  }

  private List<Row> ofServer(int server) {
    return rows.entrySet().stream()
        .filter(e -> e.getKey().server() == server && e.getValue().end() == null)
        .map(Map.Entry::getValue)
        .sorted(
            java.util.Comparator.<Row>comparingInt(row -> row.command().track())
                .thenComparingLong(row -> row.command().seq()))
        .toList();
  }

  private record KeyInTrack(short track, long key) {}

  /** What may be handed out now, by track, in order. */
  private Map<Short, List<Row>> eligible(int server) {
    Set<Long> held = new HashSet<>();
    Set<KeyInTrack> waiting = new HashSet<>();
    Map<Short, List<Row>> found = new TreeMap<>();
    List<Row> own = ofServer(server);
    own.stream().filter(this::isLive).forEach(row -> held.add(row.command().orderingHash()));
    for (Row row : own) {
      long key = row.command().orderingHash();
      var place = new KeyInTrack(row.command().track(), key);
      if (isLive(row) || doomed(row, false) != null) {
        continue;
      }
      if (row.visibleAt() > now) {
        waiting.add(place);
      } else if (key == 0 || (!held.contains(key) && !waiting.contains(place))) {
        found.computeIfAbsent(place.track(), t -> new ArrayList<>()).add(row);
      }
    }
    return found;
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
    settleAll(server, results, verdicts);
    if (want == Exchange.NOTHING) {
      check(answer.leases().isEmpty(), "leases although none were asked for");
      return;
    }
    List<Row> before = ofServer(server);
    boolean sawAll = !crowded && before.size() <= want;
    checkNews(before, answer, sawAll);
    checkLeases(server, want, handed, answer.leases());
    answer.leases().forEach(lease -> handOut(server, lease, answer.leases()));
    for (Row row : before) {
      var key = new Place(server, row.command().seq());
      Row end = doomed(row, false);
      if (end != null && !open.contains(key)) {
        rows.put(key, end);
      }
      check(!sawAll || end == null || !open.contains(key), "%s should have ended", row);
    }
  }

  private void settleAll(int server, List<Item> results, List<Verdict> verdicts) {
    Set<List<Object>> seen = new HashSet<>();
    for (int i = 0; i < results.size(); i++) {
      Item item = results.get(i);
      boolean first = seen.add(List.of(item.command().seq(), item.lease()));
      Verdict expected = first ? settle(server, item) : Verdict.DUPLICATE;
      check(verdicts.get(i) == expected, "%s is %s, not %s", item, verdicts.get(i), expected);
    }
  }

  private void checkNews(List<Row> before, Exchange.Answer answer, boolean sawAll) {
    Set<Long> marked = new TreeSet<>();
    double due = Double.POSITIVE_INFINITY;
    for (Row row : before) {
      if (isLive(row) && row.cancelled()) {
        marked.add(row.command().seq());
      }
      if (doomed(row, false) == null && row.visibleAt() > now) {
        due = Math.min(due, (row.visibleAt() - now) / 1e6);
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

  private void checkLeases(int server, int want, int handed, List<Exchange.Lease> leases) {
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
          java.util.Arrays.equals(byLane, expected),
          "lanes got %s, not %s",
          java.util.Arrays.toString(byLane),
          java.util.Arrays.toString(expected));
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
    for (int slot = handed + 1; slot <= handed + want; slot++) {
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

  private void handOut(int server, Exchange.Lease lease, List<Exchange.Lease> answer) {
    QueuedCommand command = lease.command();
    var key = new Place(server, command.seq());
    Row row = Objects.requireNonNull(rows.get(key));
    check(lease.leaseNo() == row.leaseNo() + 1, "%s follows %s", lease, row);
    check(lease.attempt() == row.attempt() + 1, "%s follows %s", lease, row);
    check(lease.attempt() <= command.maxAttempts(), "%s is one attempt too many", lease);
    if (row.leaseNo() == 0 && command.orderingHash() != 0) {
      String order = server + "/" + command.track() + "/" + command.orderingHash();
      Long last = firstHanded.put(order, command.seq());
      check(last == null || last < command.seq(), "%s came after %s", command.seq(), last);
    }
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
    long until = Math.min(now + seconds * 1_000_000L, deadline(command));
    long seen = now + Math.round(lease.leaseSeconds() * 1e6);
    check(
        Math.abs(until - seen) <= 1 || (crowded && seen >= until && seen <= deadline(command)),
        "%s lasts until %s, not %s",
        lease,
        seen,
        until);
    check(
        Math.abs(lease.deadlineSeconds() * 1e6 - (deadline(command) - now)) < 1000,
        "%s has another deadline",
        lease);
    rows.put(
        key,
        new Row(
            command, lease.leaseNo(), lease.attempt(), crowded ? seen : until, now, false, null));
  }

  void renewed(int server, List<Renewal> asked, List<EdgeQueue.Renewed> answers) {
    for (int i = 0; i < asked.size(); i++) {
      Renewal renewal = asked.get(i);
      var key = new Place(server, renewal.command().seq());
      Row row = rows.get(key);
      EdgeQueue.RenewalOutcome expected = EdgeQueue.RenewalOutcome.STALE;
      if (row != null && isLive(row) && row.leaseNo() == renewal.lease()) {
        expected =
            row.cancelled()
                ? EdgeQueue.RenewalOutcome.CANCELLED
                : EdgeQueue.RenewalOutcome.EXTENDED;
        if (!row.cancelled()) {
          long until = now + renewal.seconds() * 1_000_000L;
          rows.put(key, row.until(Math.min(until, deadline(row.command()))));
        }
      }
      check(answers.get(i).outcome() == expected, "%s: %s", renewal, answers.get(i).outcome());
    }
  }

  void cancelAsked(QueuedCommand command) {
    cancelAsked.add(command.seq());
  }

  void swept(QueuedCommand command, boolean cancel, Ends.Walk walk) {
    int ended = 0;
    int live = 0;
    for (Place key : List.copyOf(rows.keySet())) {
      Row row = Objects.requireNonNull(rows.get(key));
      if (key.seq() != command.seq() || row.end() != null) {
        continue;
      }
      Row end = doomed(row, cancel);
      if (end != null) {
        rows.put(key, end);
        ended++;
      } else if (isLive(row)) {
        live++;
        rows.put(key, cancel ? row.marked() : row);
      }
    }
    check(walk.ended() == ended && walk.live() == live, "%s, not %s and %s", walk, ended, live);
  }

  void removed(int server, int ended) {
    List<Row> own = ofServer(server);
    check(own.size() == ended, "%s were removed, not %s", ended, own.size());
    for (Row row : own) {
      rows.put(
          new Place(server, row.command().seq()),
          row.ended(EndState.CANCELLED, "server-removed", false));
    }
  }

  void finished(List<QueuedCommand> commands) {
    for (QueuedCommand command : commands) {
      List<Row> own =
          rows.values().stream().filter(r -> r.command().seq() == command.seq()).toList();
      if (own.stream().anyMatch(row -> row.end() == null)) {
        continue;
      }
      List<EndState> states =
          own.stream().map(row -> Objects.requireNonNull(row.end()).state()).toList();
      boolean cancelled =
          cancelAsked.contains(command.seq()) && states.contains(EndState.CANCELLED);
      boolean good = states.stream().allMatch(state -> state == EndState.SUCCEEDED);
      finalStates.putIfAbsent(
          command.seq(), cancelled ? "cancelled" : good ? "complete" : "failed");
    }
  }
}
