// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.goal.Board;
import dev.rollcall.load.goal.Figure;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.raw.Bench;
import dev.rollcall.load.report.Figures;
import dev.rollcall.load.round.Bed;
import dev.rollcall.load.round.FairRound;
import dev.rollcall.load.round.FanoutRound;
import dev.rollcall.load.round.LatencyRound;
import dev.rollcall.load.round.SteadyRound;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Rounds in which all that is compared takes turns, at one server and its PostgreSQL: also what
 * runs without HTTP does so there, beside the server, which waits meanwhile.
 */
final class Interleaving {
  private static final int WIDE = 50;
  private static final int NARROW = 10;
  private static final int COMPLETE_TIMES = 10;
  private static final int ACCEPTED_TIMES = 2;

  /** Those whose rates are compared with each other; every second round in the other direction. */
  private static final List<Step> RATES =
      List.of(Step.FLOOR, Step.RAW, Step.STEADY_WIDE, Step.CHURN, Step.STEADY_NARROW);

  /** The last one leaves the most behind for autovacuum. */
  private static final List<Step> TIMES =
      List.of(Step.COMPLETE, Step.LATENCY, Step.FAIR, Step.ACCEPTED);

  private final Bed bed;
  private final AllOptions sizes;
  private final Findings findings;
  private final Board board;
  private final Bench bench;
  private String where = "";

  Interleaving(Bed bed, AllOptions sizes, Findings findings) {
    this.bed = bed;
    this.sizes = sizes;
    this.findings = findings;
    this.board = findings.board();
    this.bench =
        new Bench(
            bed.database(), bed.probe(), sizes.raw(), sizes.rawCommands() / 2, sizes.rawCommands());
  }

  /** The server is to have compiled and planned what the rounds ask of it. */
  void warmUp() {
    where = "the warm-up";
    try {
      var load = new SteadyRound.Load(NARROW, false, sizes.warmUp(), Duration.ofSeconds(1));
      judged(SteadyRound.run(bed, sizes.busy(), load).violations());
      Duration quarter = Duration.ofSeconds(1 + sizes.warmUp().toSeconds() / 4);
      judged(LatencyRound.run(bed, sizes.busy(), sizes.perSecond(), quarter).violations());
      judged(FanoutRound.complete(bed, sizes.fan(), 0, COMPLETE_TIMES).violations());
      judged(FanoutRound.accepted(bed, sizes.far(), 0, 1).violations());
    } catch (IOException | RuntimeException e) {
      findings.failed(where, List.of(), e);
    }
  }

  /**
   * @param number from 1
   */
  void round(int number) {
    for (Step step : number % 2 == 1 ? RATES : RATES.reversed()) {
      measure(number, step);
    }
    for (Step step : TIMES) {
      measure(number, step);
    }
  }

  /** A quarter of an hour is not to be lost by one refused request: it goes on, and is told. */
  private void measure(int round, Step step) {
    where = "round " + round + ", " + step.label();
    try {
      Usage usage = measure(step);
      findings.add(step, usage);
      System.err.println(
          where
              + ": "
              + Figures.of(usage.rate())
              + " a second, others "
              + Figures.percent(usage.strangers()));
    } catch (IOException | RuntimeException e) {
      findings.failed(where, step, e);
    }
  }

  private Usage measure(Step step) throws IOException {
    return switch (step) {
      case FLOOR -> bench.run(Bench.Kind.FLOOR);
      case RAW -> bench.run(Bench.Kind.RAW);
      case STEADY_WIDE -> steady(WIDE, false);
      case STEADY_NARROW -> steady(NARROW, false);
      case CHURN -> steady(WIDE, true);
      case COMPLETE ->
          fanout(Figure.COMPLETE, FanoutRound.complete(bed, sizes.fan(), 1, COMPLETE_TIMES));
      case ACCEPTED ->
          fanout(Figure.ACCEPTED, FanoutRound.accepted(bed, sizes.far(), 0, ACCEPTED_TIMES));
      case LATENCY -> latency();
      case FAIR -> fair();
    };
  }

  private void judged(Violations violations) {
    findings.judged(where, violations);
  }

  private Usage steady(int capacity, boolean snapshot) {
    SteadyRound.Outcome outcome =
        SteadyRound.run(bed, sizes.busy(), sizes.steady(capacity, snapshot));
    judged(outcome.violations());
    return outcome.usage();
  }

  private Usage fanout(Figure figure, FanoutRound.Outcome outcome) {
    judged(outcome.violations());
    board.add(figure, Figures.median(outcome.millis()));
    return outcome.usage();
  }

  private Usage latency() {
    LatencyRound.Outcome outcome =
        LatencyRound.run(bed, sizes.busy(), sizes.perSecond(), sizes.measured());
    judged(outcome.violations());
    findings.behind(outcome.behind());
    board.add(Figure.LATENCY_MEDIAN, millis(outcome.fromAccepted(), 50));
    board.add(Figure.LATENCY_LATE, millis(outcome.fromAccepted(), 99));
    return outcome.usage();
  }

  private static double millis(Histogram micros, double percentile) {
    return micros.getValueAtPercentile(percentile) / 1e3;
  }

  private Usage fair() throws IOException {
    FairRound.Outcome outcome = FairRound.run(bed, sizes.fan(), sizes.fair());
    outcome.violations().forEach(this::judged);
    findings.waited(outcome.waiting());
    board.add(Figure.FAIR, Figures.median(outcome.beside()) / Figures.median(outcome.alone()));
    return outcome.usage();
  }
}
