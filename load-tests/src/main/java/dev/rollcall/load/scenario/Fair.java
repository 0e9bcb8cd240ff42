// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.history.Violations;
import dev.rollcall.load.process.Group;
import dev.rollcall.load.report.BarChart;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.Table;
import dev.rollcall.load.round.Bed;
import dev.rollcall.load.round.FairRound;
import dev.rollcall.load.round.SteadyRound;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One participant's command beside another one's backlog. */
@Command(
    name = "fair",
    mixinStandardHelpOptions = true,
    description =
        "One command to all edges while another participant's commands are pending"
            + " there, and the same alone.")
public final class Fair implements Callable<Integer> {
  @Mixin private BedOptions options = new BedOptions();

  @Option(names = "--edges", defaultValue = "1000", description = "Default: ${DEFAULT-VALUE}.")
  private int edges;

  @Option(names = "--capacity", defaultValue = "10", description = "Default: ${DEFAULT-VALUE}.")
  private int capacity;

  @Option(
      names = "--backlog",
      defaultValue = "10000",
      description = "The other's commands; default: ${DEFAULT-VALUE}.")
  private int backlog;

  @Option(
      names = "--targets",
      defaultValue = "20",
      description =
          "To how many edges each of them goes; divides the number of edges; default:"
              + " ${DEFAULT-VALUE}.")
  private int targets;

  @Option(names = "--times", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
  private int times;

  @Option(
      names = "--warm-up",
      defaultValue = "20",
      description = "Seconds of load before; default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Override
  public Integer call() throws IOException {
    options.require(edges > 0 && edges % 10 == 0, "--edges " + edges + " is no multiple of 10");
    options.require(
        targets > 0 && edges % targets == 0,
        "--targets " + targets + " does not divide the number of edges, " + edges);
    Group group = Groups.fair(edges, targets);
    Group busy = Groups.busy(edges);
    List<Violations> judged = new ArrayList<>();
    FairRound.Outcome outcome =
        options.withData(directory -> {
          try (Bed bed = Bed.open(options.server(directory), List.of(group, busy))) {
            if (warmUp > 0) {
              var before =
                  new SteadyRound.Load(
                      capacity, false, Duration.ofSeconds(warmUp), Duration.ofSeconds(1));
              judged.add(SteadyRound.run(bed, busy, before).violations());
            }
            return FairRound.run(bed, group, new FairRound.Load(capacity, backlog, times));
          }
        });
    judged.addAll(outcome.violations());
    double ratio = Figures.median(outcome.beside()) / Figures.median(outcome.alone());
    String text =
        new Table(
                    "One command to " + edges + " edges, capacity " + capacity,
                    "accepted to complete, ms",
                    "median [smallest-largest]")
                .row("alone", Figures.spread(outcome.alone()))
                .row("beside " + backlog + " commands of another", Figures.spread(outcome.beside()))
                .note("beside / alone: " + Figures.of(ratio))
                .note(
                    "each of the other's commands goes to "
                        + targets
                        + " edges: "
                        + Figures.of((double) backlog * targets / edges)
                        + " waited at each")
                .note(
                    Figures.of((double) outcome.waiting())
                        + " executions of the other still waited when the last of these had ended")
            + Shown.verdict(judged);
    options.show(
        text,
        new BarChart("One command beside another participant's backlog", "ms")
            .bar("alone", outcome.alone())
            .bar("beside the backlog", outcome.beside())
            .svg());
    return Shown.status(judged);
  }
}
