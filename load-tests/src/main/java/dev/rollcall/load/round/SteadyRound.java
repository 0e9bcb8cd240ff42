// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.database.Database;
import dev.rollcall.load.fleet.Behaviour;
import dev.rollcall.load.history.Violations;
import dev.rollcall.load.measure.Probe;
import dev.rollcall.load.measure.Usage;
import dev.rollcall.load.process.Group;
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
  private static final int WAIT_SECONDS = 30;

  /** One result in so many is a failure that ends its execution. */
  private static final int FAILURE_EVERY = 50;

  /** How many answers' worth of executions wait for each edge. */
  private static final int DEPTH = 3;

  /**
   * @param capacity of each edge
   * @param snapshot whether a transaction elsewhere holds a snapshot that it took before
   * @param warmUp the same load, before the clock starts
   */
  public record Load(int capacity, boolean snapshot, Duration warmUp, Duration measured) {}

  /** What the measured stretch cost, and the judgement on the whole. */
  public record Outcome(Usage usage, Violations violations) {}

  private SteadyRound() {}

  /** One stretch of time, after another one that is not measured; then all is let end. */
  public static Outcome run(Bed bed, Group group, Load load) {
    var behaviour = new Behaviour(load.capacity, WAIT_SECONDS, FAILURE_EVERY, 0);
    try (Session session = Session.open(bed, group, behaviour)) {
      Usage usage = load.snapshot ? underSnapshot(session, load) : run(session, load);
      return new Outcome(usage, session.judge());
    }
  }

  private static Usage underSnapshot(Session session, Load load) {
    try (Connection connection = session.bed().database().connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("select count(*) from rollcall.participant");
      Usage usage = run(session, load);
      connection.rollback();
      return usage;
    } catch (SQLException e) {
      throw new Database.DatabaseException(e);
    }
  }

  private static Usage run(Session session, Load load) {
    Group group = session.group();
    long outstanding = (long) group.servers() * load.capacity * DEPTH;
    try (var submit =
        Submitters.keeping(
            session, n -> group.purgeWide((int) (n % group.origins()), n), outstanding)) {
      submit.start(SUBMITTERS);
      Pacing.pass(load.warmUp);
      Usage usage = measure(session, load.measured);
      submit.stop();
      session.settle(DRAIN_LIMIT);
      return usage;
    }
  }

  private static Usage measure(Session session, Duration measured) {
    Probe probe = session.bed().probe();
    session.bed().database().execute("checkpoint");
    Probe.Reading start = probe.read();
    long before = session.fleet().acknowledged();
    Pacing.pass(measured);
    long ended = session.fleet().acknowledged() - before;
    return Usage.between(start, probe.read(), ended);
  }
}
