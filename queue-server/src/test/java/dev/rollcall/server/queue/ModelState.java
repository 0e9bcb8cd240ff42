// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the model holds, by the model's own clock. Times are microseconds. */
final class ModelState {
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

  private final Map<Place, Row> rows;
  private final Map<Place, Map<Integer, Boolean>> log;
  private final Set<Long> cancelAsked;
  private final Map<Long, String> finalStates;
  private long now;

  ModelState(long now) {
    this.now = now;
    rows = new TreeMap<>();
    log = new TreeMap<>();
    cancelAsked = new TreeSet<>();
    finalStates = new TreeMap<>();
  }

  ModelState(ModelState other) {
    now = other.now;
    rows = new TreeMap<>(other.rows);
    log = new TreeMap<>();
    other.log.forEach((key, leases) -> log.put(key, new TreeMap<>(leases)));
    cancelAsked = new TreeSet<>(other.cancelAsked);
    finalStates = new TreeMap<>(other.finalStates);
  }

  long now() {
    return now;
  }

  void move(long micros) {
    now += micros;
  }

  Map<Place, Row> rows() {
    return rows;
  }

  /** By lease: whether what was logged of it is a late result. */
  Map<Place, Map<Integer, Boolean>> log() {
    return log;
  }

  Map<Integer, Boolean> leases(Place key) {
    return log.computeIfAbsent(key, k -> new TreeMap<>());
  }

  /** The commands that were asked to be cancelled. */
  Set<Long> cancelAsked() {
    return cancelAsked;
  }

  Map<Long, String> finalStates() {
    return finalStates;
  }

  List<QueuedCommand> commands() {
    return new ArrayList<>(
        rows.values().stream()
            .map(Row::command)
            .collect(Collectors.toMap(QueuedCommand::seq, c -> c, (a, b) -> a, TreeMap::new))
            .values());
  }

  /** What is open at a server, in the order of its queue. */
  List<Row> ofServer(int server) {
    return rows.entrySet().stream()
        .filter(e -> e.getKey().server() == server && e.getValue().end() == null)
        .map(Map.Entry::getValue)
        .sorted(
            Comparator.<Row>comparingInt(row -> row.command().track())
                .thenComparingLong(row -> row.command().seq()))
        .toList();
  }

  boolean isLive(Row row) {
    return row.end() == null && row.isLeased() && row.visibleAt() > now;
  }

  static long deadline(QueuedCommand command) {
    return Math.round(command.deadline() * 1e6);
  }

  @FormatMethod
  static void check(boolean holds, @FormatString String what, @Nullable Object... values) {
    if (!holds) {
      throw new AssertionError(String.format(Locale.ROOT, what, values));
    }
  }
}
