// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.goal.Board;
import dev.rollcall.load.goal.Figure;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.Table;
import dev.rollcall.load.round.IdleRound;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What the rounds of {@code all} found, and the idle server beside them. Confined to one thread.
 */
final class Findings {
  private static final double PERCENT = 100;
  private static final double MICROS = 1e3;
  private static final double MEGA = 1e6;

  private final Board board = new Board();
  private final Map<Step, List<Usage>> usages = new EnumMap<>(Step.class);
  private final List<Violations> judged = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private boolean unfinished;
  private long behind;
  private long waiting = Long.MAX_VALUE;

  Board board() {
    return board;
  }

  List<Violations> judged() {
    return judged;
  }

  /**
   * @param where says which run it was
   */
  void judged(String where, Violations violations) {
    judged.add(violations);
    if (!violations.isEmpty()) {
      notes.add("a promise was BROKEN in " + where);
    }
  }

  /** Once for each round. */
  void add(Step step, Usage usage) {
    usages.computeIfAbsent(step, s -> new ArrayList<>()).add(usage);
  }

  /** A step could not be finished: its figures have no number in this round. */
  void failed(String where, Step step, Exception why) {
    failed(where, step.figures(), why);
    add(step, Usage.UNKNOWN);
  }

  void failed(String where, List<Figure> figures, Exception why) {
    why.printStackTrace(System.err);
    unfinished = true;
    notes.add(where + " FAILED:\n  " + why.getMessage());
    figures.forEach(figure -> board.add(figure, Double.NaN));
  }

  boolean isUnfinished() {
    return unfinished;
  }

  /** How much later than its time a request of latency left at most, in microseconds. */
  void behind(long micros) {
    behind = Math.max(behind, micros);
  }

  /** How many executions of the other participant were left when fair had been measured. */
  void waited(long executions) {
    waiting = Math.min(waiting, executions);
  }

  void idle(IdleRound.Outcome few, IdleRound.Outcome many) {
    judged("idle", few.violations());
    judged("idle", many.violations());
    board.add(Figure.IDLE_MEMORY, many.residentBytes() / MEGA);
    board.add(Figure.IDLE_CPU, many.serverCores() * PERCENT);
    if (many.statements().isEmpty()) {
      notes.add("idle: this database does not count its statements");
    } else {
      List<String> growing = few.growing(many);
      board.add(Figure.IDLE_STATEMENTS, growing.size());
      growing.forEach(statement -> notes.add("idle, grows:\n  " + statement));
    }
    notes.add(
        "idle: database %s %% of a core; others used %s of the machine meanwhile"
            .formatted(
                Figures.of(many.databaseCores() * PERCENT), Figures.percent(many.strangers())));
  }

  /** To be called when all rounds are done. */
  void compare() {
    ratios(Figure.RAW, Step.RAW, Step.FLOOR, Usage::rate);
    ratios(Figure.STEADY_WIDE, Step.STEADY_WIDE, Step.RAW, Usage::rate);
    ratios(Figure.STEADY_NARROW, Step.STEADY_NARROW, Step.RAW, Usage::rate);
    ratios(Figure.CHURN, Step.CHURN, Step.STEADY_WIDE, Usage::rate);
    ratios(Figure.LOG_WIDE, Step.STEADY_WIDE, Step.FLOOR, Usage::walBytes);
    ratios(Figure.LOG_NARROW, Step.STEADY_NARROW, Step.FLOOR, Usage::walBytes);
  }

  private void ratios(Figure figure, Step these, Step those, ToDoubleFunction<Usage> what) {
    board.addAll(figure, Ratios.of(of(these), of(those), what));
  }

  private List<Usage> of(Step step) {
    return usages.getOrDefault(step, List.of());
  }

  /** What each step cost, in the median of the rounds. */
  Table costs() {
    var table =
        new Table(
            "What an execution cost, medians of the rounds",
            "",
            "a second",
            "server",
            "database",
            "clients",
            "WAL B",
            "pages",
            "others");
    usages.forEach((step, ofRounds) ->
        table.row(
            step.label(),
            median(ofRounds, Usage::rate),
            median(ofRounds, Usage::serverMicros),
            median(ofRounds, Usage::databaseMicros),
            median(ofRounds, Usage::clientMicros),
            median(ofRounds, Usage::walBytes),
            median(ofRounds, usage -> usage.upkeep().fullPages()),
            Figures.percent(
                ofRounds.stream()
                    .mapToDouble(Usage::strangers)
                    .filter(Double::isFinite)
                    .max()
                    .orElse(0))));
    table
        .note("server, database, clients: us of CPU; pages: whole ones in the WAL, 8 kB each;")
        .note("others: the most that other processes used of the machine in any round");
    return table;
  }

  private static String median(List<Usage> usages, ToDoubleFunction<Usage> what) {
    return Figures.of(
        Figures.median(
            usages.stream()
                .map(usage -> what.applyAsDouble(usage))
                .filter(Double::isFinite)
                .toList()));
  }

  /** What may have made figures wrong, in lines. */
  List<String> doubts() {
    List<String> doubts = new ArrayList<>(Disturbances.lines(usages));
    doubts.addAll(notes);
    doubts.add(
        "latency: requests left at most " + Figures.of(behind / MICROS) + " ms after their time");
    doubts.add(
        waiting == 0
            ? "fair: the other's backlog was GONE before the last command was complete"
            : "fair: at least "
                + Figures.of((double) waiting)
                + " executions of the other waited to the end");
    return doubts;
  }
}
