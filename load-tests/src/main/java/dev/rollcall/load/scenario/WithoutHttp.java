// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.database.Cluster;
import dev.rollcall.load.database.Counters;
import dev.rollcall.load.database.Database;
import dev.rollcall.load.measure.Probe;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.raw.Bench;
import dev.rollcall.load.report.BarChart;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The product's statements and the floor, in turns on one cluster, without HTTP. */
public abstract class WithoutHttp implements Callable<Integer> {
  @Mixin private BedOptions options = new BedOptions();
  @Mixin private RawOptions raw = new RawOptions();

  @Option(names = "--rounds", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--profile",
      description = "Also show what each statement cost; needs a --data directory made before.")
  private boolean profile;

  private final List<Bench.Kind> kinds;

  WithoutHttp(List<Bench.Kind> kinds) {
    this.kinds = List.copyOf(kinds);
  }

  /** The product's statements beside the floor. */
  @Command(
      name = "raw",
      mixinStandardHelpOptions = true,
      description =
          "The product's own statements beside the floor, without HTTP: what order,"
              + " verdicts and lapses cost.")
  public static final class Raw extends WithoutHttp {
    public Raw() {
      super(List.of(Bench.Kind.FLOOR, Bench.Kind.RAW));
    }
  }

  /** The floor alone. */
  @Command(
      name = "floor",
      mixinStandardHelpOptions = true,
      description = "The plain statements that the product's are measured against.")
  public static final class Floor extends WithoutHttp {
    public Floor() {
      super(List.of(Bench.Kind.FLOOR));
    }
  }

  @Override
  public Integer call() throws IOException {
    Map<Bench.Kind, List<Usage>> runs = new EnumMap<>(Bench.Kind.class);
    kinds.forEach(kind -> runs.put(kind, new ArrayList<>()));
    var statements = new StringBuilder();
    options.withData(directory -> {
      try (Cluster cluster = Cluster.start(directory.resolve("postgresql"))) {
        Database server = cluster.database();
        var processes = new Probe(null, cluster.postmasterPid(), () -> Counters.read(server));
        var bench = new Bench(server, processes, raw.shape(), raw.warmUp(), raw.commands());
        if (profile) {
          bench.around(Profile::begin, database -> statements.append(Profile.end(database)));
        }
        for (int round = 0; round < rounds; round++) {
          runs.forEach((kind, usages) -> usages.add(bench.run(kind)));
        }
        return true;
      }
    });
    options.show(table(runs).toString() + statements, chart(runs).svg());
    return 0;
  }

  private Table table(Map<Bench.Kind, List<Usage>> runs) {
    var table =
        new Table(
            "Without HTTP: " + raw.describe(),
            "round",
            "design",
            "per second",
            "database us",
            "client us",
            "WAL B",
            "others");
    for (int round = 0; round < rounds; round++) {
      for (Bench.Kind kind : kinds) {
        Usage usage = runs.getOrDefault(kind, List.of()).get(round);
        table.row(
            String.valueOf(round + 1),
            kind.label(),
            Figures.of(usage.rate()),
            Figures.of(usage.databaseMicros()),
            Figures.of(usage.clientMicros()),
            Figures.of(usage.walBytes()),
            Figures.percent(usage.strangers()));
      }
    }
    runs.forEach((kind, usages) ->
        table.note(
            kind.label()
                + ": "
                + Figures.spread(usages.stream().map(Usage::rate).toList())
                + " executions a second"));
    table.note("us: CPU time for each execution; others: their share of the machine meanwhile");
    if (kinds.size() > 1) {
      table.note("raw / floor, in each round: " + Figures.spread(ratios(runs)));
    }
    return table;
  }

  private List<Double> ratios(Map<Bench.Kind, List<Usage>> runs) {
    return Ratios.of(
        runs.getOrDefault(Bench.Kind.RAW, List.of()),
        runs.getOrDefault(Bench.Kind.FLOOR, List.of()),
        Usage::rate);
  }

  private static BarChart chart(Map<Bench.Kind, List<Usage>> runs) {
    var chart = new BarChart("Without HTTP: fan-out, lease, settle and rollup", "executions/s");
    runs.forEach(
        (kind, usages) -> chart.bar(kind.label(), usages.stream().map(Usage::rate).toList()));
    return chart;
  }
}
