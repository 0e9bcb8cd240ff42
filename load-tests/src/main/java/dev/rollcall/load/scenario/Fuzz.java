// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.fuzz.FuzzRound;
import dev.rollcall.load.report.BarChart;
import dev.rollcall.load.report.Table;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Random and hostile requests. */
@Command(
    name = "fuzz",
    mixinStandardHelpOptions = true,
    description =
        "Random requests by the server's description, and hostile ones: none is answered 5xx, none"
            + " hangs, and nothing is stored but what was answered 2xx.")
public final class Fuzz implements Callable<Integer> {
  @Mixin private BedOptions options = new BedOptions();

  @Option(
      names = "--requests",
      defaultValue = "100000",
      description = "Random requests; default: ${DEFAULT-VALUE}.")
  private int requests;

  @Option(
      names = "--hostile",
      defaultValue = "10000",
      description = "Hostile requests; default: ${DEFAULT-VALUE}.")
  private int hostile;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "What they are made from; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Override
  public Integer call() throws IOException {
    FuzzRound.Outcome outcome =
        options.withData(directory ->
            FuzzRound.run(options.server(directory.resolve("fuzz")), seed, requests, hostile));
    var table = new Table("Answers to random and hostile requests", "status", "answers");
    new TreeMap<>(outcome.byStatus())
        .forEach((status, count) ->
            table.row(status == 0 ? "closed" : String.valueOf(status), String.valueOf(count)));
    table.note(outcome.accepted() + " commands were accepted; seed " + seed);
    table.note("never done: " + String.join(", ", outcome.neverDone()));
    StringBuilder text = new StringBuilder(table.toString());
    var chart = new BarChart("Answers to random and hostile requests", "requests");
    outcome
        .complaints()
        .forEach(complaint -> text.append("BROKEN: ").append(complaint).append('\n'));
    if (outcome.complaints().isEmpty()) {
      text.append("none failed, none hung, nothing is stored beyond what was answered\n");
    }
    new TreeMap<>(outcome.byStatus())
        .forEach(
            (status, count) -> chart.bar(String.valueOf(status), List.of(count.doubleValue())));
    options.show(text.toString(), chart.svg());
    return outcome.complaints().isEmpty() ? 0 : 1;
  }
}
