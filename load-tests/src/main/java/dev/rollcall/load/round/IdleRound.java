// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.database.Cluster;
import dev.rollcall.load.database.Database;
import dev.rollcall.load.database.StatementCalls;
import dev.rollcall.load.fleet.Behaviour;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Probe;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.process.Group;
import dev.rollcall.load.process.ServerOptions;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Edges that wait and have nothing to do: what they cost a server that does nothing else. */
public final class IdleRound {
  private static final int CAPACITY = 10;
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  /** Statements of upkeep come by the clock; some fall into a stretch or just do not. */
  private static final double BY_CHANCE = 1;

  /**
   * @param waitSeconds how long a poll waits that brings nothing
   * @param warmUp how long all polls wait before the clock starts
   */
  public record Load(int waitSeconds, Duration warmUp, Duration measured) {}

  /**
   * @param parked how many polls waited
   * @param transactions a second, of the whole database
   * @param pollsAnswered a second
   * @param serverCores share of a core that the server used
   * @param databaseCores share of a core that PostgreSQL used
   * @param residentBytes of the server at the end
   * @param strangers share of the machine that others used meanwhile
   * @param statements executions a second while polls only waited; empty: the database does not
   *     count them
   * @param violations among them each poll that was not answered as it should be
   */
  public record Outcome(
      int parked,
      double transactions,
      double pollsAnswered,
      double serverCores,
      double databaseCores,
      long residentBytes,
      double strangers,
      Map<String, Double> statements,
      Violations violations) {
    /** The statements that are executed more often there, where more polls wait. */
    public List<String> growing(Outcome more) {
      return more.statements.entrySet().stream()
          .filter(e -> e.getValue() > 2 * statements.getOrDefault(e.getKey(), 0.0) + BY_CHANCE)
          .map(Map.Entry::getKey)
          .toList();
    }
  }

  private IdleRound() {}

  /** Starts a server, and lets an edge for each server of a group poll. */
  public static Outcome run(ServerOptions options, Group group, Load load) throws IOException {
    if (options.external() == null) {
      Cluster.countStatements(options.data());
    }
    var behaviour = new Behaviour(CAPACITY, load.waitSeconds, 0, 0);
    try (Bed bed = Bed.open(options, List.of(group));
        Session session = Session.open(bed, group, behaviour)) {
      Pacing.pass(load.warmUp);
      return measure(session, load.measured);
    }
  }

  private static Outcome measure(Session session, Duration time) {
    Bed bed = session.bed();
    Probe probe = bed.probe();
    Probe.Reading start = probe.read();
    long transactions = transactions(bed);
    long answers = session.fleet().answers();
    Map<String, Double> statements = watch(session, time);
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
        Usage.between(start, stop, 0).strangers(),
        statements,
        session.judge());
  }

  private static Map<String, Double> watch(Session session, Duration time) {
    long end = System.nanoTime() + time.toNanos();
    var quiet = new QuietStatements();
    try (var calls = StatementCalls.of(session.bed().database())) {
      quiet.look(calls.read(), session.fleet().answers(), System.nanoTime());
      for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
        Pacing.pass(Duration.ofNanos(Math.min(left, BETWEEN_LOOKS.toNanos())));
        quiet.look(calls.read(), session.fleet().answers(), System.nanoTime());
      }
      return quiet.perSecond();
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
  }

  /** Statistics of a session reach this view within a second or so. */
  private static long transactions(Bed bed) {
    return bed.look(
        "select xact_commit + xact_rollback from pg_stat_database where datname ="
            + " current_database()");
  }
}
