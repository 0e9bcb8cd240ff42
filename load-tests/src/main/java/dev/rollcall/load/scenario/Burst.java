// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.fleet.Behaviour;
import dev.rollcall.load.process.Group;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.LineChart;
import dev.rollcall.load.report.Table;
import dev.rollcall.load.round.Bed;
import dev.rollcall.load.round.BurstRound;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Commands to many edges over HTTP, all acknowledged, then judged. */
@Command(
    name = "burst",
    mixinStandardHelpOptions = true,
    description = "Commands at once to simulated edges, until all are acknowledged; then judged.")
public final class Burst implements Callable<Integer> {
  private static final int SUBMITTERS = 4;

  @Mixin private BedOptions options = new BedOptions();

  @Option(names = "--commands", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}.")
  private int commands;

  @Option(
      names = "--edges",
      defaultValue = "1000",
      description = "A multiple of 10; default: ${DEFAULT-VALUE}.")
  private int edges;

  @Option(names = "--capacity", defaultValue = "50", description = "Default: ${DEFAULT-VALUE}.")
  private int capacity;

  @Option(
      names = "--retrying",
      defaultValue = "0",
      description = "One first attempt in so many fails and is tried again; 0: none.")
  private int retrying;

  @Override
  public Integer call() throws IOException {
    options.require(edges > 0 && edges % 10 == 0, "--edges " + edges + " is no multiple of 10");
    options.require(commands > 0, "--commands " + commands + " are none");
    Group group = Group.wide("b", 10, edges / 10, 4);
    BurstRound.Outcome outcome =
        options.withData(directory -> {
          try (Bed bed = Bed.open(options.server(directory), List.of(group))) {
            var behaviour = new Behaviour(capacity, 30, 0, retrying);
            return BurstRound.run(bed, group, behaviour, commands, SUBMITTERS);
          }
        });
    options.show(
        table(outcome) + "\n" + Shown.promises(outcome.violations()), chart(outcome).svg());
    return Shown.status(List.of(outcome.violations()));
  }

  private String title() {
    return commands + " commands to " + edges + " edges, capacity " + capacity;
  }

  private Table table(BurstRound.Outcome outcome) {
    double polls = Math.max(1, outcome.answers());
    return new Table(title(), "milliseconds, of each command", "min", "median", "p99", "max")
        .row(cells("sent to accepted (202)", outcome.accepted()))
        .row(cells("accepted to handed out everywhere", outcome.handedOut()))
        .row(cells("accepted to complete", outcome.completed()))
        .note(Shown.rate(outcome.usage()))
        .note(
            Figures.of((double) outcome.answers())
                + " polls answered, "
                + Figures.of(outcome.usage().executions() / polls)
                + " executions for each")
        .note(Shown.cost(outcome.usage()));
  }

  private static String[] cells(String what, Histogram micros) {
    return new String[] {
      what,
      Figures.of(micros.getMinValue() / 1e3),
      Figures.of(micros.getValueAtPercentile(50) / 1e3),
      Figures.of(micros.getValueAtPercentile(99) / 1e3),
      Figures.of(micros.getMaxValue() / 1e3)
    };
  }

  private LineChart chart(BurstRound.Outcome outcome) {
    return new LineChart(title(), "percent of commands", "ms")
        .curve("sent to accepted (202)", Shown.percentiles(outcome.accepted(), 100))
        .curve("accepted to handed out everywhere", Shown.percentiles(outcome.handedOut(), 100))
        .curve("accepted to complete", Shown.percentiles(outcome.completed(), 100));
  }
}
