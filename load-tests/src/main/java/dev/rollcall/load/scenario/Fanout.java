// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.history.Violations;
import dev.rollcall.load.process.Group;
import dev.rollcall.load.report.BarChart;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.Table;
import dev.rollcall.load.round.Bed;
import dev.rollcall.load.round.FanoutRound;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Single commands to very many servers. */
@Command(
    name = "fanout",
    mixinStandardHelpOptions = true,
    description =
        "One command to all connected edges until it is complete; one to very many"
            + " servers until it is accepted.")
public final class Fanout implements Callable<Integer> {
  @Mixin private BedOptions options = new BedOptions();

  @Option(names = "--edges", defaultValue = "1000", description = "Default: ${DEFAULT-VALUE}.")
  private int edges;

  @Option(names = "--servers", defaultValue = "100000", description = "Default: ${DEFAULT-VALUE}.")
  private int servers;

  @Option(
      names = "--times",
      defaultValue = "20",
      description = "Commands to the edges; to the servers a quarter; default: ${DEFAULT-VALUE}.")
  private int times;

  @Override
  public Integer call() throws IOException {
    options.require(edges > 0 && edges % 10 == 0, "--edges " + edges + " is no multiple of 10");
    options.require(
        servers > 0 && servers % 10 == 0, "--servers " + servers + " is no multiple of 10");
    options.require(times > 0, "--times " + times + " are none");
    Group fan = Groups.fan(edges);
    Group far = Groups.far(servers);
    List<FanoutRound.Outcome> outcomes =
        options.withData(directory -> {
          try (Bed bed = Bed.open(options.server(directory), List.of(fan, far))) {
            return List.of(
                FanoutRound.complete(bed, fan, 3, times),
                FanoutRound.accepted(bed, far, 1, Math.max(1, times / 4)));
          }
        });
    List<Double> complete = outcomes.getFirst().millis();
    List<Double> accepted = outcomes.getLast().millis();
    List<Violations> judged = outcomes.stream().map(FanoutRound.Outcome::violations).toList();
    String toEdges = edges + " connected edges, accepted to complete";
    String toServers = servers + " servers, sent to accepted";
    String text =
        new Table("One command to very many", "ms", "median [smallest-largest]", "commands")
                .row(toEdges, Figures.spread(complete), String.valueOf(complete.size()))
                .row(toServers, Figures.spread(accepted), String.valueOf(accepted.size()))
            + Shown.verdict(judged);
    options.show(
        text,
        new BarChart("One command to very many", "ms")
            .bar(edges + " edges: complete", complete)
            .bar(servers + " servers: accepted", accepted)
            .svg());
    return Shown.status(judged);
  }
}
