// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.database.Database;
import dev.rollcall.load.fleet.Behaviour;
import dev.rollcall.load.history.CommandLog;
import dev.rollcall.load.history.LeaseLog;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Probe;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.process.Group;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.HdrHistogram.Histogram;

/** A number of commands at once to every edge of a group, until all have been acknowledged. */
public final class BurstRound {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int DIGITS = 3;

  /**
   * All times are of whole commands, in microseconds.
   *
   * @param accepted from the request's leaving to the 202, by the clients' clock
   * @param handedOut from the 202 to the answer that hands out the last execution, by the clients'
   *     clock; 0 when that was in before the 202
   * @param completed from the transaction that stores the command, which is before the 202, to its
   *     completion, by the database's clock
   * @param answers how many polls were answered meanwhile
   */
  public record Outcome(
      Usage usage,
      Histogram accepted,
      Histogram handedOut,
      Histogram completed,
      long answers,
      Violations violations) {}

  private BurstRound() {}

  public static Outcome run(
      Bed bed, Group group, Behaviour behaviour, int commands, int submitters) {
    try (Session session = Session.open(bed, group, behaviour)) {
      return run(session, commands, submitters);
    }
  }

  private static Outcome run(Session session, int commands, int submitters) {
    Probe probe = session.bed().probe();
    Group group = session.group();
    Probe.Reading start = probe.read();
    long before = session.fleet().answers();
    try (var submit =
        Submitters.atOnce(session, n -> group.purgeWide((int) n % group.origins(), n), commands)) {
      submit.start(submitters);
      submit.await();
    }
    session.awaitCompleted();
    Usage usage = Usage.between(start, probe.read(), session.log().executions());
    long answers = session.fleet().answers() - before;
    session.settle(LIMIT);
    Violations violations = session.judge();
    return new Outcome(
        usage, accepted(session), handedOut(session), completed(session), answers, violations);
  }

  private static Histogram accepted(Session session) {
    var histogram = new Histogram(DIGITS);
    for (CommandLog.Accepted accepted : session.log().accepted()) {
      histogram.recordValue((accepted.answeredAt() - accepted.sentAt()) / 1_000);
    }
    return histogram;
  }

  private static Histogram handedOut(Session session) {
    long[] last = new long[session.log().size()];
    for (LeaseLog log : session.leases()) {
      for (int i = 0; i < log.size(); i++) {
        int command = log.commandOf(i);
        last[command] = Math.max(last[command], log.get(i).leasedAt());
      }
    }
    var histogram = new Histogram(DIGITS);
    for (CommandLog.Accepted accepted : session.log().accepted()) {
      long handedOut = last[session.log().number(accepted.id())];
      if (handedOut != 0) {
        histogram.recordValue(Math.max(0, (handedOut - accepted.answeredAt()) / 1_000));
      }
    }
    return histogram;
  }

  private static Histogram completed(Session session) {
    var histogram = new Histogram(DIGITS);
    List<UUID> ids = session.log().ids();
    try (Connection connection = session.bed().database().connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "select (extract(epoch from completed_at - created_at) * 1e6)::bigint"
                    + " from rollcall.command where id = any (?) and completed_at is not null")) {
      statement.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          histogram.recordValue(rows.getLong(1));
        }
      }
      return histogram;
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
  }
}
