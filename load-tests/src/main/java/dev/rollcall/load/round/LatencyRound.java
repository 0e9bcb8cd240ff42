// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.fleet.Behaviour;
import dev.rollcall.load.history.CommandLog;
import dev.rollcall.load.history.Lease;
import dev.rollcall.load.history.LeaseLog;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Probe;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.process.Group;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Commands at a steady pace to parked edges: how long until each execution starts. */
public final class LatencyRound {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int SUBMITTERS = 8;
  private static final int DIGITS = 3;
  private static final Behaviour EDGES = new Behaviour(10, 30, 0, 0);

  /**
   * All in microseconds.
   *
   * @param fromSent from the request's leaving to the edge's having the execution
   * @param fromAccepted the same from the 202; less than nothing, when the edge was quicker than
   *     the answer, counts as 0
   * @param answered from the request's leaving to its 202, for each command
   * @param behind how much later than its time a request left at most. Requests wait for nothing
   *     but a free connection; when all of them wait for answers, this grows
   * @param usage by execution, until the last one was settled
   */
  public record Outcome(
      Histogram fromSent,
      Histogram fromAccepted,
      Histogram answered,
      long behind,
      Usage usage,
      Violations violations) {}

  private LatencyRound() {}

  /** Each command goes to a narrow configuration of the group. */
  public static Outcome run(Bed bed, Group group, int perSecond, Duration time) {
    try (Session session = Session.open(bed, group, EDGES)) {
      return run(session, perSecond, time);
    }
  }

  private static Outcome run(Session session, int perSecond, Duration time) {
    Group group = session.group();
    Probe probe = session.bed().probe();
    Probe.Reading before = probe.read();
    long commands = perSecond * time.toSeconds();
    long pause = Duration.ofSeconds(1).toNanos() / perSecond;
    long start = System.nanoTime();
    try (var submit =
        Submitters.paced(
            session,
            n -> group.purgeNarrow((int) (n % group.narrow()), n),
            commands,
            start,
            pause)) {
      submit.start(SUBMITTERS);
      submit.await();
    }
    session.settle(LIMIT);
    Usage usage = Usage.between(before, probe.read(), session.log().executions());
    Violations violations = session.judge();
    return measured(session, behind(session, start, pause), usage, violations);
  }

  private static long behind(Session session, long start, long pause) {
    long[] sent =
        session.log().accepted().stream().mapToLong(CommandLog.Accepted::sentAt).sorted().toArray();
    long most = 0;
    for (int n = 0; n < sent.length; n++) {
      most = Math.max(most, sent[n] - (start + n * pause));
    }
    return most / 1_000;
  }

  private static Outcome measured(
      Session session, long behind, Usage usage, Violations violations) {
    Map<Integer, CommandLog.Accepted> accepted = new HashMap<>();
    session.log().accepted().forEach(a -> accepted.put(session.log().number(a.id()), a));
    var fromSent = new Histogram(DIGITS);
    var fromAccepted = new Histogram(DIGITS);
    var answered = new Histogram(DIGITS);
    accepted.values().forEach(a -> answered.recordValue((a.answeredAt() - a.sentAt()) / 1_000));
    for (LeaseLog log : session.leases()) {
      for (int i = 0; i < log.size(); i++) {
        Lease lease = log.get(i);
        CommandLog.Accepted command = accepted.get(lease.command());
        if (command != null) {
          fromSent.recordValue((lease.leasedAt() - command.sentAt()) / 1_000);
          fromAccepted.recordValue(Math.max(0, (lease.leasedAt() - command.answeredAt()) / 1_000));
        }
      }
    }
    return new Outcome(fromSent, fromAccepted, answered, behind, usage, violations);
  }
}
