// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Probe;
import java.time.Duration;

/** Edges that wait and have nothing to do: what they cost. */
public final class IdleRound {
  /**
   * @param parked how many polls waited
   * @param transactions a second, of the whole database
   * @param pollsAnswered a second
   * @param serverCores share of a core that the server used
   * @param databaseCores share of a core that PostgreSQL used
   * @param residentBytes of the server at the end
   * @param violations among them each poll that was not answered as it should be
   */
  public record Outcome(
      int parked,
      double transactions,
      double pollsAnswered,
      double serverCores,
      double databaseCores,
      long residentBytes,
      Violations violations) {}

  private IdleRound() {}

  public static Outcome run(Session session, Duration time) {
    Bed bed = session.bed();
    Probe probe = bed.probe();
    Probe.Reading start = probe.read();
    long transactions = transactions(bed);
    long answers = session.fleet().answers();
    Pacing.pass(time);
    Probe.Reading stop = probe.read();
    double seconds = (stop.at() - start.at()) / 1e9;
    double transactionsASecond = (transactions(bed) - transactions) / seconds;
    double answersASecond = (session.fleet().answers() - answers) / seconds;
    int parked = session.fleet().polling();
    long resident = probe.serverResidentBytes();
    return new Outcome(
        parked,
        transactionsASecond,
        answersASecond,
        (stop.server() - start.server()) / seconds,
        (stop.database() - start.database()) / seconds,
        resident,
        session.judge());
  }

  /** Statistics of a session reach this view within a second or so. */
  private static long transactions(Bed bed) {
    return bed.look(
        "select xact_commit + xact_rollback from pg_stat_database where datname ="
            + " current_database()");
  }
}
