// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.database.Database;
import dev.rollcall.load.fleet.Behaviour;
import dev.rollcall.load.history.CommandLog;
import dev.rollcall.load.history.HistoryChecker;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Probe;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.process.Group;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Single commands to very many servers, one after the other. */
public final class FanoutRound {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long LOOK_EVERY = TimeUnit.MILLISECONDS.toNanos(2);
  private static final Behaviour EDGES = new Behaviour(10, 30, 0, 0);

  /**
   * @param millis of each measured command
   * @param usage of all of them together, by execution
   */
  public record Outcome(List<Double> millis, Usage usage, Violations violations) {}

  private FanoutRound() {}

  /**
   * One command to all edges of a group, which are connected, so many times after some that do not
   * count: from each command's creation to its completion, by the database's clock.
   */
  public static Outcome complete(Bed bed, Group group, int warmUp, int times) throws IOException {
    try (Session session = Session.open(bed, group, EDGES)) {
      toComplete(session, 0, warmUp);
      Probe probe = bed.probe();
      Probe.Reading start = probe.read();
      List<Double> millis = toComplete(session, 0, times);
      Usage usage = Usage.between(start, probe.read(), (long) times * group.servers());
      return new Outcome(millis, usage, session.judge());
    }
  }

  /** The same to servers that nobody polls for: from the request's leaving to the 202. */
  public static Outcome accepted(Bed bed, Group group, int warmUp, int times) throws IOException {
    var log = new CommandLog();
    toAccepted(bed, group, log, warmUp);
    Probe probe = bed.probe();
    Probe.Reading start = probe.read();
    List<Double> millis = toAccepted(bed, group, log, times);
    Usage usage = Usage.between(start, probe.read(), (long) times * group.servers());
    return new Outcome(millis, usage, judge(bed, group, log));
  }

  static List<Double> toComplete(Session session, int origin, int times) throws IOException {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      CommandLog.Accepted accepted =
          session.bed().operator().submit(session.group().purgeWide(origin, i), session.log());
      millis.add(awaitCompleted(session.bed(), accepted.id()));
    }
    return millis;
  }

  /** Milliseconds from creation to completion. */
  private static double awaitCompleted(Bed bed, UUID command) {
    long end = System.nanoTime() + LIMIT.toNanos();
    String micros =
        "select coalesce((select (extract(epoch from completed_at - created_at) * 1e6)::bigint"
            + " from rollcall.command where id = '"
            + command
            + "'), -1)";
    while (System.nanoTime() < end) {
      long taken = bed.look(micros);
      if (taken >= 0) {
        return taken / 1e3;
      }
      LockSupport.parkNanos(LOOK_EVERY);
    }
    throw new IllegalStateException("command " + command + " did not end within " + LIMIT);
  }

  /** Each is cancelled afterwards. */
  private static List<Double> toAccepted(Bed bed, Group group, CommandLog log, int times)
      throws IOException {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      CommandLog.Accepted accepted = bed.operator().submit(group.purgeWide(0, i), log);
      if (accepted.targeted() != group.servers()) {
        throw new IllegalStateException(
            "targeted " + accepted.targeted() + " of " + group.servers());
      }
      millis.add((accepted.answeredAt() - accepted.sentAt()) / 1e6);
      bed.operator().cancel(accepted.id());
      awaitCompleted(bed, accepted.id());
    }
    return millis;
  }

  private static Violations judge(Bed bed, Group group, CommandLog log) {
    try (Connection connection = bed.database().connect()) {
      return new HistoryChecker(group.serverNames(), log, List.of(), false).check(connection);
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
  }
}
