// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.database.Database;
import dev.rollcall.load.fleet.Behaviour;
import dev.rollcall.load.fleet.Fleet;
import dev.rollcall.load.history.CommandLog;
import dev.rollcall.load.history.HistoryChecker;
import dev.rollcall.load.history.LeaseLog;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.history.Violations.Promise;
import dev.rollcall.load.process.Group;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A fleet at all servers of a group, with the history of what it and its submitters did. */
public final class Session implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofMinutes(2);
  private static final Duration COMPLETE_LIMIT = Duration.ofMinutes(3);
  private static final long LOOK_EVERY = TimeUnit.MILLISECONDS.toNanos(5);

  private final Bed bed;
  private final Group group;
  private final CommandLog log = new CommandLog();
  private final Fleet fleet;

  /** In microseconds, by the database's clock. */
  private final long since;

  private Session(Bed bed, Group group, Behaviour behaviour) {
    this.bed = bed;
    this.group = group;
    this.since = bed.look("select (extract(epoch from clock_timestamp()) * 1e6)::bigint");
    this.fleet = new Fleet(bed.target(), bed.edges(group), behaviour, log, 1);
  }

  /** Connects all edges and waits until each has a poll at the server. */
  public static Session open(Bed bed, Group group, Behaviour behaviour) {
    Session session = prepare(bed, group, behaviour);
    session.connect();
    return session;
  }

  /** As {@link #open}, but the edges stay away until {@link #connect}. */
  static Session prepare(Bed bed, Group group, Behaviour behaviour) {
    return new Session(bed, group, behaviour);
  }

  void connect() {
    fleet.start();
    fleet.awaitPolling(CONNECT_LIMIT);
  }

  public Bed bed() {
    return bed;
  }

  public Group group() {
    return group;
  }

  public CommandLog log() {
    return log;
  }

  public Fleet fleet() {
    return fleet;
  }

  /** Waits until the server says that every command accepted here has ended. */
  public void awaitCompleted() {
    long end = System.nanoTime() + COMPLETE_LIMIT.toNanos();
    String open =
        "select count(*) from rollcall.command where completed_at is null and created_at >="
            + " to_timestamp("
            + since
            + "e-6)";
    while (bed.look(open) > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(LOOK_EVERY);
    }
  }

  /**
   * Waits until edges have had a verdict for the end of each execution that was accepted, and the
   * server says that all commands have ended. What does not come in time is left to the judge.
   */
  void settle(Duration limit) {
    long executions = log.executions();
    if (!fleet.awaitAcknowledged(executions, limit)) {
      System.err.println(
          fleet.acknowledged() + " of " + executions + " executions acknowledged after " + limit);
    }
    awaitCompleted();
  }

  /** What the edges saw; ends the fleet. */
  public List<LeaseLog> leases() {
    fleet.stop();
    return fleet.leases();
  }

  /** Ends the fleet and judges the whole session. */
  public Violations judge() {
    List<LeaseLog> leases = leases();
    Map<String, Long> complaints = fleet.complaints();
    boolean lost = !complaints.isEmpty();
    try (Connection connection = bed.database().connect()) {
      Violations violations =
          new HistoryChecker(group.serverNames(), log, leases, lost).check(connection);
      complaints.forEach((said, count) -> violations.add(Promise.NOT_ANSWERED, count, said));
      return violations;
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
  }

  @Override
  public void close() {
    fleet.close();
  }
}
