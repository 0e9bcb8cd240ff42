// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.fleet.Behaviour;
import dev.rollcall.load.history.Violations;
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
   * @param alone milliseconds from creation to completion
   * @param beside the same, while the other participant's commands waited
   * @param waiting how many executions of the other one were left when the last of these had ended
   * @param violations of both parts
   */
  public record Outcome(
      List<Double> alone, List<Double> beside, long waiting, List<Violations> violations) {}

  private FairRound() {}

  /**
   * @param backlog how many commands of the other participant, each to a narrow configuration
   */
  public static Outcome run(Bed bed, Group group, int capacity, int backlog, int times)
      throws IOException {
    var behaviour = new Behaviour(capacity, 30, 0, 0);
    List<Double> alone;
    List<Violations> judged = new ArrayList<>();
    try (Session session = Session.open(bed, group, behaviour)) {
      FanoutRound.toComplete(session, OTHER_ORIGIN, WARM_UP);
      alone = FanoutRound.toComplete(session, OTHER_ORIGIN, times);
      judged.add(session.judge());
    }
    try (Session session = Session.prepare(bed, group, behaviour)) {
      try (var submit =
          Submitters.atOnce(
              session, n -> group.purgeNarrow((int) (n % group.narrow()), n), backlog)) {
        submit.start(SUBMITTERS);
        submit.await();
      }
      session.connect();
      List<Double> beside = FanoutRound.toComplete(session, OTHER_ORIGIN, times);
      long waiting = session.log().executions() - session.fleet().acknowledged();
      session.settle(DRAIN_LIMIT);
      judged.add(session.judge());
      return new Outcome(alone, beside, waiting, judged);
    }
  }
}
