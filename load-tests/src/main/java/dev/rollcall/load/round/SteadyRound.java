// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.database.Database;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Probe;
import dev.rollcall.load.measure.Usage;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * A fleet that never runs out of work: commands are submitted over HTTP as fast as edges end them,
 * so fan-out, lease, settle and rollup all run at once.
 */
public final class SteadyRound {
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);
  private static final int SUBMITTERS = 4;

  /** How many answers' worth of executions wait for each edge. */
  private static final int DEPTH = 3;

  private final Session session;
  private final int capacity;

  /**
   * @param capacity of the session's edges
   */
  public SteadyRound(Session session, int capacity) {
    this.session = session;
    this.capacity = capacity;
  }

  /** One stretch of time, after another one that is not measured; then all is let end. */
  public Usage run(Duration warmUp, Duration measured) {
    var group = session.group();
    long outstanding = (long) group.servers() * capacity * DEPTH;
    try (var submit =
        Submitters.keeping(
            session, n -> group.purgeWide((int) (n % group.origins()), n), outstanding)) {
      submit.start(SUBMITTERS);
      Pacing.pass(warmUp);
      Usage usage = measure(measured);
      submit.stop();
      session.settle(DRAIN_LIMIT);
      return usage;
    }
  }

  /** The same while a transaction elsewhere holds a snapshot that it took before. */
  public Usage runUnderSnapshot(Duration warmUp, Duration measured) {
    try (Connection connection = session.bed().database().connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("select count(*) from rollcall.participant");
      Usage usage = run(warmUp, measured);
      connection.rollback();
      return usage;
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
  }

  private Usage measure(Duration measured) {
    Probe probe = session.bed().probe();
    session.bed().database().execute("checkpoint");
    Probe.Reading start = probe.read();
    long before = session.fleet().acknowledged();
    Pacing.pass(measured);
    long ended = session.fleet().acknowledged() - before;
    return Usage.between(start, probe.read(), ended);
  }

  /** Judges the whole session; ends its fleet. */
  public Violations judge() {
    return session.judge();
  }
}
