// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.history.Violations;
import dev.rollcall.load.hostile.Attack;
import dev.rollcall.load.hostile.Attackers;
import dev.rollcall.load.process.Group;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.report.LineChart;
import dev.rollcall.load.report.Table;
import dev.rollcall.load.round.Bed;
import dev.rollcall.load.round.LatencyRound;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Commands at a steady pace to parked edges, beside clients that hold connections for nothing. */
@Command(
    name = "hostile",
    mixinStandardHelpOptions = true,
    description = "The latency of polls and submits beside hostile connections, kind by kind.")
public final class Hostile implements Callable<Integer> {
  private static final String NONE = "none";
  private static final String NONE_AGAIN = "none again";
  private static final String ALL = "all at once";
  private static final double MICROS = 1e3;

  /** More curves could not be told from each other. */
  private static final Set<String> SHOWN =
      Set.of(NONE, NONE_AGAIN, ALL, Attack.SILENT.label(), Attack.SLOW_HEADER.label());

  private static final double LAST_PERCENT_SHOWN = 99.5;
  private static final Duration AT_WORK_LIMIT = Duration.ofMinutes(1);

  @Mixin private BedOptions options = new BedOptions();

  @Option(names = "--edges", defaultValue = "500", description = "Default: ${DEFAULT-VALUE}.")
  private int edges;

  @Option(names = "--per-second", defaultValue = "50", description = "Default: ${DEFAULT-VALUE}.")
  private int perSecond;

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "For each attack; default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "10",
      description = "Seconds before; default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Option(
      names = "--silent",
      defaultValue = "9000",
      description = "Connections that send nothing; default: ${DEFAULT-VALUE}.")
  private int silent;

  @Option(
      names = "--others",
      defaultValue = "500",
      description = "Connections of each other kind; default: ${DEFAULT-VALUE}.")
  private int others;

  /**
   * One round.
   *
   * @param held how many hostile connections were open at once at most
   * @param ended how many of them the server ended meanwhile
   */
  private record Beside(String attack, int held, long ended, LatencyRound.Outcome outcome) {}

  @Override
  public Integer call() throws IOException {
    options.require(edges > 0 && edges % 10 == 0, "--edges " + edges + " is no multiple of 10");
    options.require(perSecond > 0, "--per-second " + perSecond + " are none");
    options.require(silent >= 0 && others >= 0, "--silent and --others cannot be negative");
    Group group = Groups.busy(edges);
    List<Violations> judged = new ArrayList<>();
    List<Beside> rounds =
        options.withData(directory -> {
          try (Bed bed = Bed.open(options.server(directory), List.of(group))) {
            if (warmUp > 0) {
              judged.add(beside(bed, group, NONE, Map.of(), warmUp).outcome().violations());
            }
            return rounds(bed, group);
          }
        });
    rounds.forEach(round -> judged.add(round.outcome().violations()));
    options.show(table(rounds) + Shown.verdict(judged), chart(rounds).svg());
    return Shown.status(judged);
  }

  private List<Beside> rounds(Bed bed, Group group) throws IOException {
    List<Beside> rounds = new ArrayList<>();
    rounds.add(beside(bed, group, NONE, Map.of(), seconds));
    Map<Attack, Integer> all = new EnumMap<>(Attack.class);
    for (Attack attack : Attack.values()) {
      int count = attack == Attack.SILENT ? silent : others;
      all.put(attack, count);
      rounds.add(beside(bed, group, attack.label(), Map.of(attack, count), seconds));
    }
    rounds.add(beside(bed, group, ALL, all, seconds));
    rounds.add(beside(bed, group, NONE_AGAIN, Map.of(), seconds));
    return rounds;
  }

  /** Edges and submitters connect when the attack is under way. */
  private Beside beside(Bed bed, Group group, String name, Map<Attack, Integer> attacks, int time)
      throws IOException {
    bed.edges(group);
    try (var attackers = new Attackers(bed.target(), attacks, bed.adminToken())) {
      attackers.start();
      attackers.awaitAtWork(AT_WORK_LIMIT);
      LatencyRound.Outcome outcome =
          LatencyRound.run(bed, group, perSecond, Duration.ofSeconds(time));
      return new Beside(name, attackers.most(), attackers.ended(), outcome);
    }
  }

  private Table table(List<Beside> rounds) {
    var table =
        new Table(
            perSecond + " commands/s, each to 10 of " + edges + " parked edges, beside an attack",
            "beside",
            "held",
            "ended",
            "poll p50",
            "p99",
            "max",
            "submit p50",
            "p99",
            "max");
    for (Beside round : rounds) {
      List<String> cells = new ArrayList<>(List.of(round.attack()));
      cells.add(String.valueOf(round.held()));
      cells.add(String.valueOf(round.ended()));
      cells.addAll(millis(round.outcome().fromAccepted()));
      cells.addAll(millis(round.outcome().answered()));
      table.row(cells.toArray(String[]::new));
    }
    return table
        .note("poll: from the 202 to the edge's having the execution; submit: from the")
        .note("request to its 202; ms. held: hostile connections open at once at most;")
        .note("ended: how many of them the server closed, each of which comes again");
  }

  private static List<String> millis(Histogram micros) {
    return List.of(
        Figures.of(micros.getValueAtPercentile(50) / MICROS),
        Figures.of(micros.getValueAtPercentile(99) / MICROS),
        Figures.of(micros.getMaxValue() / MICROS));
  }

  private LineChart chart(List<Beside> rounds) {
    var chart =
        new LineChart(
            perSecond + " commands a second beside an attack",
            "percent of executions",
            "ms from the request to the edge");
    for (Beside round : rounds) {
      if (!SHOWN.contains(round.attack())) {
        continue;
      }
      chart.curve(
          round.attack(), Shown.percentiles(round.outcome().fromSent(), LAST_PERCENT_SHOWN));
    }
    return chart;
  }
}
