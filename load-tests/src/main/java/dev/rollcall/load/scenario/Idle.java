// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.fleet.Behaviour;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.process.Group;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.LineChart;
import dev.rollcall.load.report.Table;
import dev.rollcall.load.round.Bed;
import dev.rollcall.load.round.IdleRound;
import dev.rollcall.load.round.Session;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Parked polls without work, more and more of them. */
@Command(
    name = "idle",
    mixinStandardHelpOptions = true,
    description = "Parked polls without work: statements, CPU and memory as their number grows.")
public final class Idle implements Callable<Integer> {
  @Mixin private BedOptions options = new BedOptions();

  @Option(
      names = "--edges",
      split = ",",
      defaultValue = "1000,3000,9000",
      description = "Multiples of 10; default: ${DEFAULT-VALUE}.")
  private List<Integer> edges = List.of();

  @Option(
      names = "--wait-seconds",
      defaultValue = "60",
      description = "How long each poll waits; default: ${DEFAULT-VALUE}.")
  private int waitSeconds;

  @Option(
      names = "--seconds",
      defaultValue = "60",
      description = "Measured for each number; default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Override
  public Integer call() throws IOException {
    options.require(
        !edges.isEmpty() && edges.stream().allMatch(count -> count > 0 && count % 10 == 0),
        "--edges " + edges + " are not all multiples of 10");
    List<IdleRound.Outcome> outcomes =
        options.withData(directory -> {
          List<IdleRound.Outcome> measured = new ArrayList<>();
          for (int count : edges) {
            Group group = Groups.idle(count);
            try (Bed bed =
                    Bed.open(options.server(directory.resolve("edges-" + count)), List.of(group));
                Session session = Session.open(bed, group, new Behaviour(10, waitSeconds, 0, 0))) {
              measured.add(IdleRound.run(session, Duration.ofSeconds(seconds)));
            }
          }
          return measured;
        });
    List<Violations> judged = outcomes.stream().map(IdleRound.Outcome::violations).toList();
    options.show(table(outcomes) + Shown.verdict(judged), chart(outcomes).svg());
    return Shown.status(judged);
  }

  private Table table(List<IdleRound.Outcome> outcomes) {
    var table =
        new Table(
            "Parked polls without work, each waiting " + waitSeconds + " s",
            "parked",
            "answers/s",
            "transactions/s",
            "server CPU, %",
            "database CPU, %",
            "server, MB");
    for (IdleRound.Outcome outcome : outcomes) {
      table.row(
          String.valueOf(outcome.parked()),
          Figures.of(outcome.pollsAnswered()),
          Figures.of(outcome.transactions()),
          Figures.of(outcome.serverCores() * 100),
          Figures.of(outcome.databaseCores() * 100),
          Figures.of(outcome.residentBytes() / 1e6));
    }
    return table.note("CPU in percent of one core; memory resident at the end");
  }

  private static LineChart chart(List<IdleRound.Outcome> outcomes) {
    return new LineChart(
            "Parked polls without work", "parked polls", "each in the unit of its name")
        .curve(
            "transactions a second",
            outcomes.stream().map(o -> new LineChart.Point(o.parked(), o.transactions())).toList())
        .curve(
            "server, percent of a core",
            outcomes.stream()
                .map(o -> new LineChart.Point(o.parked(), o.serverCores() * 100))
                .toList())
        .curve(
            "server, resident memory in 10 MB",
            outcomes.stream()
                .map(o -> new LineChart.Point(o.parked(), o.residentBytes() / 1e7))
                .toList());
  }
}
