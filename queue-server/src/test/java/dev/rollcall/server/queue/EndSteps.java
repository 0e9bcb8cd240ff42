// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.List;
import java.util.Objects;
import org.jdbi.v3.core.Handle;

/** The ends that the server decides, each with what it counts, on a handle of the test's own. */
final class EndSteps {
  private EndSteps() {}

  /** Sweeps what a cancelled command has at these servers. */
  static List<EndStore.Swept> cancel(Handle handle, QueuedCommand command, int... servers) {
    return sweep(handle, command, true, servers);
  }

  /** Sweeps what a command has at the first server, its deadline passed. */
  static List<EndStore.Swept> expire(Handle handle, QueuedCommand command) {
    return sweep(handle, overdue(command), false, 1);
  }

  private static List<EndStore.Swept> sweep(
      Handle handle, QueuedCommand command, boolean cancel, int... servers) {
    List<EndStore.Swept> swept =
        EndStore.sweep(handle, QueueFixture.CELL, command, (short) 1, servers, cancel);
    ends(swept).forEach(end -> count(handle, List.of(command.seq()), end));
    return swept;
  }

  static List<EndState> ends(List<EndStore.Swept> swept) {
    return swept.stream().map(EndStore.Swept::ends).filter(Objects::nonNull).toList();
  }

  /** Ends all that the first server has, since it was removed. */
  static List<Long> remove(Handle handle) {
    List<Long> removed =
        EndStore.remove(
                handle,
                new EndStore.Removal(
                    QueueFixture.server(1), null, null, EndState.CANCELLED, "server-removed", 100))
            .seqs();
    count(handle, removed, EndState.CANCELLED);
    return removed;
  }

  private static void count(Handle handle, List<Long> seqs, EndState state) {
    var deltas = new RollupStore.Deltas();
    seqs.forEach(seq -> deltas.add(seq, (short) 1, state));
    if (!deltas.isEmpty()) {
      RollupStore.count(handle, QueueFixture.CELL, deltas);
    }
  }

  /** The first server renews a lease, for ten minutes. */
  static List<EndStore.Renewed> renew(Handle handle, QueuedCommand command, int lease) {
    return EndStore.renew(
        handle,
        QueueFixture.CELL,
        List.of(new Renewal(QueueFixture.server(1), command, lease, 600)));
  }

  /** The same command, its deadline passed. */
  static QueuedCommand overdue(QueuedCommand command) {
    return new QueuedCommand(
        command.seq(),
        command.id(),
        command.track(),
        command.orderingHash(),
        command.leaseSeconds(),
        command.maxAttempts(),
        1,
        command.payloadBytes());
  }
}
