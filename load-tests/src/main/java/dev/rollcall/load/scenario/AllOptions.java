// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.process.Group;
import dev.rollcall.load.raw.Shape;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.round.FairRound;
import dev.rollcall.load.round.IdleRound;
import dev.rollcall.load.round.SteadyRound;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/** How much of everything. The defaults are what the figures are defined on. */
final class AllOptions {
  private static final int CAPACITY = 10;
  private static final int FAIR_TIMES = 3;
  private static final int WAIT_SECONDS = 60;
  private static final Duration LEAD_IN = Duration.ofSeconds(3);

  @Option(names = "--rounds", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description =
          "Measured in a round for each capacity, with a snapshot held, and for latency;"
              + " default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "20",
      description = "Seconds of load before the first round; default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Option(
      names = "--edges",
      defaultValue = "500",
      description = "Edges of steady, churn and latency; default: ${DEFAULT-VALUE}.")
  private int edges;

  @Option(
      names = "--fan-edges",
      defaultValue = "1000",
      description = "Edges of fanout and fair; default: ${DEFAULT-VALUE}.")
  private int fanEdges;

  @Option(
      names = "--far-servers",
      defaultValue = "100000",
      description = "Servers that nobody polls for; default: ${DEFAULT-VALUE}.")
  private int farServers;

  @Option(
      names = "--raw-servers",
      defaultValue = "10000",
      description = "Servers of raw and floor; default: ${DEFAULT-VALUE}.")
  private int rawServers;

  @Option(
      names = "--raw-commands",
      defaultValue = "40",
      description =
          "Commands of raw and floor, after half as many before the clock starts; default:"
              + " ${DEFAULT-VALUE}.")
  private int rawCommands;

  @Option(
      names = "--per-second",
      defaultValue = "50",
      description = "Commands of latency; default: ${DEFAULT-VALUE}.")
  private int perSecond;

  @Option(
      names = "--backlog",
      defaultValue = "10000",
      description = "The other participant's commands in fair; default: ${DEFAULT-VALUE}.")
  private int backlog;

  @Option(
      names = "--targets",
      defaultValue = "20",
      description = "To how many edges each of them goes; default: ${DEFAULT-VALUE}.")
  private int targets;

  @Option(
      names = "--idle-edges",
      split = ",",
      defaultValue = "1000,9000",
      description =
          "Parked polls: the last number is what is asked for, the first one is what its"
              + " statements are compared with; default: ${DEFAULT-VALUE}.")
  private List<Integer> idleEdges = List.of();

  @Option(
      names = "--idle-seconds",
      defaultValue = "60",
      description = "Measured for each of them; default: ${DEFAULT-VALUE}.")
  private int idleSeconds;

  void check(BedOptions options) {
    options.require(rounds > 0, "--rounds " + rounds + " are none");
    options.require(seconds > 0, "--seconds " + seconds + " are none");
    options.require(perSecond > 0, "--per-second " + perSecond + " are none");
    options.require(rawCommands > 1, "--raw-commands " + rawCommands + " are too few");
    options.require(idleEdges.size() == 2, "--idle-edges wants two numbers");
    for (int count : List.of(edges, fanEdges, farServers, idleEdges.get(0), idleEdges.get(1))) {
      options.require(count > 0 && count % 10 == 0, count + " edges are no multiple of 10");
    }
    options.require(
        targets > 0 && fanEdges % targets == 0,
        "--targets " + targets + " does not divide the number of edges, " + fanEdges);
  }

  int rounds() {
    return rounds;
  }

  Duration warmUp() {
    return Duration.ofSeconds(warmUp);
  }

  Duration measured() {
    return Duration.ofSeconds(seconds);
  }

  Group busy() {
    return Groups.busy(edges);
  }

  Group fan() {
    return Groups.fair(fanEdges, targets);
  }

  Group far() {
    return Groups.far(farServers);
  }

  List<Integer> idleEdges() {
    return idleEdges;
  }

  int perSecond() {
    return perSecond;
  }

  Shape raw() {
    return Shape.STANDARD.with(rawServers);
  }

  int rawCommands() {
    return rawCommands;
  }

  SteadyRound.Load steady(int capacity, boolean snapshot) {
    return new SteadyRound.Load(capacity, snapshot, LEAD_IN, measured());
  }

  FairRound.Load fair() {
    return new FairRound.Load(CAPACITY, backlog, FAIR_TIMES);
  }

  IdleRound.Load idle() {
    return new IdleRound.Load(
        WAIT_SECONDS, Duration.ofSeconds(3L * idleSeconds), Duration.ofSeconds(idleSeconds));
  }

  /** What was run, in lines. */
  List<String> describe() {
    return List.of(
        "ratios: within a round, then their median; [smallest-largest] of the rounds",
        "steady, churn, latency: "
            + edges
            + " edges, "
            + seconds
            + " s each; latency at "
            + perSecond
            + " commands/s",
        "fanout: to " + fanEdges + " connected edges; to " + number(farServers) + " servers (202)",
        "raw, floor: " + rawCommands + " commands to " + number(rawServers) + " servers each",
        "fair: beside " + number(backlog) + " commands of another participant, each to " + targets,
        "  of the same " + fanEdges + " edges: " + number(deep()) + " pending at each",
        "idle: once, on servers of their own, for "
            + idleSeconds
            + " s; "
            + idleEdges.getLast()
            + " parked polls, statements\n  compared with "
            + idleEdges.getFirst());
  }

  private double deep() {
    return (double) backlog * targets / fanEdges;
  }

  private static String number(double count) {
    return Figures.of(count);
  }
}
