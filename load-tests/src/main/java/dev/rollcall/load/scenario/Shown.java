// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.LineChart;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** What every scenario says in the same words. */
final class Shown {
  private Shown() {}

  static String rate(Usage usage) {
    return Figures.of((double) usage.executions())
        + " executions in "
        + Figures.of(usage.seconds())
        + " s: "
        + Figures.of(usage.rate())
        + " a second";
  }

  static String cost(Usage usage) {
    return "each execution: CPU "
        + Figures.of(usage.cpuMicros())
        + " us (server "
        + Figures.of(usage.serverMicros())
        + ", database "
        + Figures.of(usage.databaseMicros())
        + ", clients "
        + Figures.of(usage.clientMicros())
        + "),\n  WAL "
        + Figures.of(usage.walBytes())
        + " bytes; other processes used "
        + Figures.percent(usage.strangers())
        + " of the machine meanwhile";
  }

  /** How long so many percent took at most, in milliseconds. */
  static List<LineChart.Point> percentiles(Histogram micros, double last) {
    List<LineChart.Point> points = new ArrayList<>();
    for (double percent = 0; percent <= last; percent += 0.5) {
      points.add(new LineChart.Point(percent, micros.getValueAtPercentile(percent) / 1e3));
    }
    return points;
  }

  /** Each promise by itself, kept or broken. */
  static String promises(Violations violations) {
    return "checked afterwards, in the database and against what the edges saw:\n" + violations;
  }

  /** What the judge says of all rounds: kept, or each broken one in full. */
  static String verdict(List<Violations> judged) {
    List<Violations> broken = judged.stream().filter(v -> !v.isEmpty()).toList();
    var text = new StringBuilder("\n");
    if (broken.isEmpty()) {
      return text.append("judged ")
          .append(judged.size())
          .append(judged.size() == 1 ? " history" : " histories")
          .append(": every promise kept\n")
          .toString();
    }
    text.append(broken.size()).append(" of ").append(judged.size()).append(" histories broken\n");
    broken.forEach(violations -> text.append(violations).append('\n'));
    return text.toString();
  }

  static int status(List<Violations> judged) {
    return judged.stream().allMatch(Violations::isEmpty) ? 0 : 1;
  }
}
