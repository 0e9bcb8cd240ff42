// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.fleet.Behaviour;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Probe;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.process.Group;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One participant's command to all edges, while another one's commands wait at the same edges; and
 * the same alone.
 */
public final class FairRound {
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(10);
  private static final int SUBMITTERS = 4;
  private static final int OTHER_ORIGIN = 1;
  private static final int WARM_UP = 3;

  /**
   * @param capacity of each edge
   * @param backlog how many commands of the other participant, each to a narrow configuration of
   *     the group
   * @param times how often each of the two is measured
   */
  public record Load(int capacity, int backlog, int times) {}

  /**
   * @param alone milliseconds from creation to completion
   * @param beside the same, while the other participant's commands waited
   * @param waiting how many executions of the other one were left when the last of these had ended;
   *     0: the figure is not what it is meant to be
   * @param usage while they were measured beside the others, by execution of either participant
   * @param violations of both parts
   */
  public record Outcome(
      List<Double> alone,
      List<Double> beside,
      long waiting,
      Usage usage,
      List<Violations> violations) {}

  private FairRound() {}

  public static Outcome run(Bed bed, Group group, Load load) throws IOException {
    var behaviour = new Behaviour(load.capacity, 30, 0, 0);
    List<Double> alone;
    List<Violations> judged = new ArrayList<>();
    try (Session session = Session.open(bed, group, behaviour)) {
      FanoutRound.toComplete(session, OTHER_ORIGIN, WARM_UP);
      alone = FanoutRound.toComplete(session, OTHER_ORIGIN, load.times);
      judged.add(session.judge());
    }
    try (Session session = Session.prepare(bed, group, behaviour)) {
      submitBacklog(session, load.backlog);
      session.connect();
      Probe probe = bed.probe();
      Probe.Reading start = probe.read();
      long before = session.fleet().acknowledged();
      List<Double> beside = FanoutRound.toComplete(session, OTHER_ORIGIN, load.times);
      long waiting = session.log().executions() - session.fleet().acknowledged();
      Usage usage = Usage.between(start, probe.read(), session.fleet().acknowledged() - before);
      session.settle(DRAIN_LIMIT);
      judged.add(session.judge());
      return new Outcome(alone, beside, waiting, usage, judged);
    }
  }

  private static void submitBacklog(Session session, int commands) {
    Group group = session.group();
    try (var submit =
        Submitters.atOnce(
            session, n -> group.purgeNarrow((int) (n % group.narrow()), n), commands)) {
      submit.start(SUBMITTERS);
      submit.await();
    }
  }
}
