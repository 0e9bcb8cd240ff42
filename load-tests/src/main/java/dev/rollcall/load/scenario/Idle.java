// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.history.Violations;
import dev.rollcall.load.process.ServerOptions;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.LineChart;
import dev.rollcall.load.report.Table;
import dev.rollcall.load.round.IdleRound;
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

  @Option(
      names = "--warm-up",
      defaultValue = "180",
      description = "Seconds that all wait before; default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Override
  public Integer call() throws IOException {
    options.require(
        !edges.isEmpty() && edges.stream().allMatch(count -> count > 0 && count % 10 == 0),
        "--edges " + edges + " are not all multiples of 10");
    var load =
        new IdleRound.Load(waitSeconds, Duration.ofSeconds(warmUp), Duration.ofSeconds(seconds));
    List<IdleRound.Outcome> outcomes =
        options.withData(directory -> {
          List<IdleRound.Outcome> measured = new ArrayList<>();
          for (int count : edges) {
            ServerOptions server = options.server(directory.resolve("edges-" + count));
            measured.add(IdleRound.run(server, Groups.idle(count), load));
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
    table.note("CPU in percent of one core; memory resident at the end");
    return outcomes.size() > 1 ? table.note(growth(outcomes)) : table;
  }

  private static String growth(List<IdleRound.Outcome> outcomes) {
    List<String> growing = outcomes.getFirst().growing(outcomes.getLast());
    if (outcomes.getLast().statements().isEmpty()) {
      return "the database does not count statements";
    }
    return "statements that are executed more often when more polls wait: "
        + (growing.isEmpty() ? "none" : "\n  " + String.join("\n  ", growing));
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
