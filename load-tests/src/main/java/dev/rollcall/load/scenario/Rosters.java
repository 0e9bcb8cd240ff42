// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.process.Roster;
import dev.rollcall.load.process.ServerOptions;
import dev.rollcall.load.report.BarChart;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.Table;
import dev.rollcall.load.round.Bed;
import dev.rollcall.load.round.RosterRound;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A large registry in a small heap. */
@Command(
    name = "registry",
    mixinStandardHelpOptions = true,
    description =
        "A registry with very many servers and deployments by one manifest: made, read, changed"
            + " and removed, by a server with little memory.")
public final class Rosters implements Callable<Integer> {
  @Mixin private BedOptions options = new BedOptions();

  @Option(names = "--servers", defaultValue = "10000", description = "Default: ${DEFAULT-VALUE}.")
  private int servers;

  @Option(
      names = "--deployments",
      defaultValue = "100000",
      description = "Default: ${DEFAULT-VALUE}.")
  private int deployments;

  @Option(
      names = "--heap",
      defaultValue = "256",
      description = "Most MiB of heap for the server; default: ${DEFAULT-VALUE}.")
  private int heap;

  @Override
  public Integer call() throws IOException {
    int most = 10 * 65_536;
    options.require(
        servers > 0 && servers % Roster.PARTICIPANTS == 0 && servers <= most,
        "--servers " + servers + " is no multiple of 10 up to " + most);
    int unit = Roster.PARTICIPANTS * Roster.DEPLOYMENTS_EACH;
    options.require(
        deployments > 0 && deployments % unit == 0,
        "--deployments " + deployments + " is no multiple of " + unit);
    options.require(heap >= 64, "--heap " + heap + " is below 64");
    RosterRound.Outcome outcome =
        options.withData(directory -> {
          try (Bed bed = Bed.open(small(options.server(directory)), List.of())) {
            return RosterRound.run(bed, new Roster(servers, deployments));
          }
        });
    var table = new Table(title(), "step", "seconds");
    var chart = new BarChart(title(), "s");
    for (RosterRound.Step step : outcome.steps()) {
      table.row(step.name(), Figures.of(step.seconds()));
      chart.bar(step.name(), List.of(step.seconds()));
    }
    table.note(
        "the server's process had "
            + Figures.of(outcome.peakBytes() / (double) (1 << 20))
            + " MiB at most, its heap "
            + heap);
    String verdict =
        outcome.wrong().isEmpty()
            ? "\nthe registry was each time what it should be\n"
            : "\n" + String.join("\n", outcome.wrong()) + "\n";
    options.show(table + verdict, chart.svg());
    return outcome.wrong().isEmpty() ? 0 : 1;
  }

  private String title() {
    return Figures.of((double) servers)
        + " servers and "
        + Figures.of((double) deployments)
        + " deployments";
  }

  private ServerOptions small(ServerOptions whole) {
    List<String> java = new ArrayList<>(List.of("-Xmx" + heap + "m"));
    java.addAll(whole.javaOptions());
    return new ServerOptions(whole.jar(), whole.data(), whole.external(), java, whole.adminToken());
  }
}
