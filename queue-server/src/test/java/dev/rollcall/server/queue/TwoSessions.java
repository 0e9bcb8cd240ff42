// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.protocol.edge.Outcome;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.server.queue.QueueFixture.Options;
import dev.rollcall.testkit.DatabaseExtension;
import dev.rollcall.testkit.Session;
import dev.rollcall.testkit.TestDatabase;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A queue in a database of the test's own, and two sessions whose steps the test interleaves. What
 * is not said to happen elsewhere is done by the first session, in transactions of its own.
 */
final class TwoSessions implements BeforeEachCallback, AfterEachCallback {
  private final DatabaseExtension database = new DatabaseExtension();
  private @Nullable QueueFixture queue;
  private @Nullable Session one;
  private @Nullable Session other;

  @Override
  public void beforeEach(ExtensionContext context) {
    database.beforeEach(context);
    queue = new QueueFixture(database());
    one = database().session();
    other = database().session();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    try {
      one().close();
      other().close();
    } finally {
      database.afterEach(context);
    }
  }

  TestDatabase database() {
    return database.get();
  }

  QueueFixture queue() {
    return Objects.requireNonNull(queue);
  }

  Session one() {
    return Objects.requireNonNull(one);
  }

  Session other() {
    return Objects.requireNonNull(other);
  }

  /** The second step waits for the first one's commit, and is seen to wait. */
  <T> T behind(Session.Step first, Session.Work<T> second) {
    one().begin();
    one().run(first);
    Future<T> waiting = other().start(second);
    other().awaitBlocked(waiting);
    one().commit();
    return Session.result(waiting);
  }

  /** The second step is done, without waiting, before the first one's commit. */
  <T> T beside(Session.Step first, Session.Work<T> second) {
    one().begin();
    one().run(first);
    T done = other().call(second);
    one().commit();
    return done;
  }

  QueuedCommand submit(Options options, int... servers) {
    return one().call(h -> queue().submit(h, options, servers));
  }

  List<Exchange.Lease> lease(int server, int want) {
    return one().call(h -> queue().lease(h, server, want));
  }

  /** A command to the first server, which holds a lease of it. */
  QueuedCommand leased(Options options) {
    QueuedCommand command = submit(options, 1);
    if (lease(1, 1).size() != 1) {
      throw new AssertionError("something stands before " + command);
    }
    return command;
  }

  /** A command to the first server, whose lease of it is over. */
  QueuedCommand lapsed(Options options) {
    QueuedCommand command = leased(options);
    lapse(command);
    return command;
  }

  /** The first server's leases of these commands are over. */
  void lapse(QueuedCommand... commands) {
    one().run(h -> QueueFixture.lapse(h, 1, commands));
  }

  /** Of the first server, under its first lease. */
  Verdict report(QueuedCommand command, Outcome outcome) {
    return one().call(h -> queue().report(h, 1, command, 1, outcome));
  }

  List<Integer> counts(QueuedCommand command) {
    return one().call(h -> QueueFixture.counts(h, command));
  }

  Map<String, Integer> results(QueuedCommand command) {
    return one().call(h -> QueueFixture.results(h, command));
  }
}
