// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.history.Violations;
import dev.rollcall.load.process.Group;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.LineChart;
import dev.rollcall.load.report.Table;
import dev.rollcall.load.round.Bed;
import dev.rollcall.load.round.LatencyRound;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Commands at a steady pace to parked edges. */
@Command(
    name = "latency",
    mixinStandardHelpOptions = true,
    description = "Commands at a steady pace, each to ten parked edges: how long until they start.")
public final class Latency implements Callable<Integer> {
  private static final double MICROS = 1e3;

  /** What is beyond would be all that the plot shows. */
  private static final double LAST_PERCENT_SHOWN = 99.5;

  @Mixin private BedOptions options = new BedOptions();

  @Option(names = "--edges", defaultValue = "500", description = "Default: ${DEFAULT-VALUE}.")
  private int edges;

  @Option(names = "--per-second", defaultValue = "50", description = "Default: ${DEFAULT-VALUE}.")
  private int perSecond;

  @Option(names = "--seconds", defaultValue = "30", description = "Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "10",
      description = "Seconds before; default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Override
  public Integer call() throws IOException {
    options.require(edges > 0 && edges % 10 == 0, "--edges " + edges + " is no multiple of 10");
    options.require(perSecond > 0, "--per-second " + perSecond + " are none");
    Group group = Groups.busy(edges);
    List<Violations> judged = new ArrayList<>();
    LatencyRound.Outcome outcome =
        options.withData(directory -> {
          try (Bed bed = Bed.open(options.server(directory), List.of(group))) {
            if (warmUp > 0) {
              var before = Duration.ofSeconds(warmUp);
              judged.add(LatencyRound.run(bed, group, perSecond, before).violations());
            }
            return LatencyRound.run(bed, group, perSecond, Duration.ofSeconds(seconds));
          }
        });
    judged.add(outcome.violations());
    String text =
        new Table(
                    perSecond + " commands a second, each to 10 of " + edges + " parked edges",
                    "to execution start, ms",
                    "p50",
                    "p90",
                    "p99",
                    "p99.9",
                    "max",
                    "executions")
                .row(cells("from accepted (202)", outcome.fromAccepted()))
                .row(cells("from sent", outcome.fromSent()))
                .note(
                    "requests left at most "
                        + Figures.of(outcome.behind() / MICROS)
                        + " ms after their time")
            + Shown.verdict(judged);
    options.show(text, chart(outcome).svg());
    return Shown.status(judged);
  }

  private static String[] cells(String what, Histogram micros) {
    return new String[] {
      what,
      Figures.of(micros.getValueAtPercentile(50) / MICROS),
      Figures.of(micros.getValueAtPercentile(90) / MICROS),
      Figures.of(micros.getValueAtPercentile(99) / MICROS),
      Figures.of(micros.getValueAtPercentile(99.9) / MICROS),
      Figures.of(micros.getMaxValue() / MICROS),
      Figures.of((double) micros.getTotalCount())
    };
  }

  private LineChart chart(LatencyRound.Outcome outcome) {
    return new LineChart(
            perSecond + " commands a second to parked edges", "percent of executions", "ms")
        .curve("from accepted (202)", percentiles(outcome.fromAccepted()))
        .curve("from sent", percentiles(outcome.fromSent()));
  }

  private static List<LineChart.Point> percentiles(Histogram micros) {
    return Shown.percentiles(micros, LAST_PERCENT_SHOWN);
  }
}
