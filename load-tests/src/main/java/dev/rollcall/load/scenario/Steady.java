// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.process.Group;
import dev.rollcall.load.report.BarChart;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.Table;
import dev.rollcall.load.round.Bed;
import dev.rollcall.load.round.SteadyRound;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Edges that never run out of work; with or without an old snapshot held beside them. */
public abstract class Steady implements Callable<Integer> {
  @Mixin private BedOptions options = new BedOptions();

  @Option(names = "--edges", defaultValue = "500", description = "Default: ${DEFAULT-VALUE}.")
  private int edges;

  @Option(names = "--rounds", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "15",
      description = "Measured in each round; default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "5",
      description = "Seconds before; default: ${DEFAULT-VALUE}.")
  private int warmUp;

  private final String name;
  private final List<Variant> variants;

  Steady(String name, List<Variant> variants) {
    this.name = name;
    this.variants = List.copyOf(variants);
  }

  /** One way to run it. */
  record Variant(String name, int capacity, boolean snapshot) {}

  /** With two capacities. */
  @Command(
      name = "steady",
      mixinStandardHelpOptions = true,
      description =
          "Edges that never run out of work, with capacity 50 and 10: executions a"
              + " second end to end.")
  public static final class Plain extends Steady {
    public Plain() {
      super(
          "steady",
          List.of(new Variant("capacity 50", 50, false), new Variant("capacity 10", 10, false)));
    }
  }

  /** With an old snapshot held. */
  @Command(
      name = "churn",
      mixinStandardHelpOptions = true,
      description = "steady with capacity 50, without and with an old snapshot held meanwhile.")
  public static final class Churn extends Steady {
    public Churn() {
      super(
          "churn",
          List.of(new Variant("no snapshot", 50, false), new Variant("snapshot held", 50, true)));
    }
  }

  @Override
  public Integer call() throws IOException {
    options.require(edges > 0 && edges % 10 == 0, "--edges " + edges + " is no multiple of 10");
    Group group = Groups.busy(edges);
    Map<Variant, List<Usage>> runs = new LinkedHashMap<>();
    variants.forEach(variant -> runs.put(variant, new ArrayList<>()));
    List<Violations> judged = new ArrayList<>();
    options.withData(directory -> {
      try (Bed bed = Bed.open(options.server(directory), List.of(group))) {
        for (int round = 0; round < rounds; round++) {
          runs.forEach((variant, usages) -> usages.add(run(bed, group, variant, judged)));
        }
        return true;
      }
    });
    options.show(table(runs) + Shown.verdict(judged), chart(runs).svg());
    return Shown.status(judged);
  }

  private Usage run(Bed bed, Group group, Variant variant, List<Violations> judged) {
    var load =
        new SteadyRound.Load(
            variant.capacity,
            variant.snapshot,
            Duration.ofSeconds(warmUp),
            Duration.ofSeconds(seconds));
    SteadyRound.Outcome outcome = SteadyRound.run(bed, group, load);
    judged.add(outcome.violations());
    return outcome.usage();
  }

  private Table table(Map<Variant, List<Usage>> runs) {
    var table =
        new Table(
            edges + " edges that never run out of work, " + seconds + " s a round",
            "",
            "per second",
            "server us",
            "database us",
            "clients us",
            "WAL B",
            "others");
    runs.forEach((variant, usages) -> {
      for (Usage usage : usages) {
        table.row(
            variant.name,
            Figures.of(usage.rate()),
            Figures.of(usage.serverMicros()),
            Figures.of(usage.databaseMicros()),
            Figures.of(usage.clientMicros()),
            Figures.of(usage.walBytes()),
            Figures.percent(usage.strangers()));
      }
      table.note(
          variant.name
              + ": "
              + Figures.spread(usages.stream().map(Usage::rate).toList())
              + " executions a second");
    });
    table.note("us: CPU time for each execution; others: their share of the machine meanwhile");
    List<Usage> first = runs.getOrDefault(variants.getFirst(), List.of());
    List<Usage> last = runs.getOrDefault(variants.getLast(), List.of());
    return table.note(
        variants.getLast().name
            + " / "
            + variants.getFirst().name
            + ", in each round: "
            + Figures.spread(Ratios.of(last, first, Usage::rate)));
  }

  private BarChart chart(Map<Variant, List<Usage>> runs) {
    var chart = new BarChart(name + ": " + edges + " edges over HTTP", "executions/s");
    runs.forEach(
        (variant, usages) -> chart.bar(variant.name, usages.stream().map(Usage::rate).toList()));
    return chart;
  }
}
