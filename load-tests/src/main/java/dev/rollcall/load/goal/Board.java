// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.goal;

import dev.rollcall.load.report.BarChart;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.Table;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What was measured for each figure, a number for each round. Confined to one thread. */
public final class Board {
  private final Map<Figure, List<Double>> values = new EnumMap<>(Figure.class);

  /**
   * @param value not a number: a round did not get that far
   */
  public void add(Figure figure, double value) {
    values.computeIfAbsent(figure, f -> new ArrayList<>()).add(value);
  }

  public void addAll(Figure figure, Collection<Double> ofRounds) {
    ofRounds.forEach(value -> add(figure, value));
  }

  private List<Double> values(Figure figure) {
    return values.getOrDefault(figure, List.of());
  }

  /** Of the median over the rounds; a round that gave no number leaves no median to speak of. */
  public Verdict verdict(Figure figure) {
    List<Double> ofRounds = values(figure);
    return ofRounds.stream().allMatch(Double::isFinite)
        ? figure.goal().verdict(Figures.median(ofRounds))
        : Verdict.UNKNOWN;
  }

  /** A row for each figure, also for those that were not measured. */
  public Table table(String title) {
    var table = new Table(title, "figure", "median [range]", "floor", "aim", "met");
    for (Figure figure : Figure.values()) {
      Goal goal = figure.goal();
      table.row(
          figure.label(),
          Figures.spread(values(figure).stream().filter(Double::isFinite).toList()),
          goal.shown(goal.floor()),
          goal.shown(goal.aim()),
          verdict(figure).shown());
    }
    return table;
  }

  /** All figures in one measure: how many times as good as their floor. */
  public BarChart chart(String title) {
    var chart = new BarChart(title, "times as good as the floor; short line: the aim").across(1);
    for (Figure figure : Figure.values()) {
      Goal goal = figure.goal();
      List<Double> scores =
          values(figure).stream().map(goal::score).filter(Double::isFinite).toList();
      if (!scores.isEmpty()) {
        chart.bar(figure.label(), scores, goal.score(goal.aim()));
      }
    }
    return chart;
  }
}
