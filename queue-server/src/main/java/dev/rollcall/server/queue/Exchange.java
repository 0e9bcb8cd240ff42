// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.protocol.edge.Verdict;
import java.util.List;

/** What one poll brings to the queue and what it takes away, in one batch with others. */
public final class Exchange {
  /** Only results are brought. */
  public static final int NOTHING = -1;

  private Exchange() {}

  /**
   * @param server who polls
   * @param results what it reports; each command at most once
   * @param want how many executions it may be handed; {@link #NOTHING}: do not even look
   * @param handed how many it was handed before, for the share of the lanes
   */
  public record Request(QueueServer server, List<ReportedResult> results, int want, int handed) {
    public Request {
      results = List.copyOf(results);
    }

    boolean looks() {
      return want != NOTHING;
    }

    /** The same, wanting no more than that. */
    Request atMost(int most) {
      return want <= most ? this : new Request(server, results, most, handed);
    }
  }

  /**
   * @param verdicts one for each result, in that order
   * @param leases in the order in which those of one key are to run
   * @param cancelled live leases of this server whose command was cancelled
   * @param dueInSeconds when something of this server becomes due; infinite: nothing seen
   */
  public record Answer(
      List<Verdict> verdicts, List<Lease> leases, List<Held> cancelled, double dueInSeconds) {
    public Answer {
      verdicts = List.copyOf(verdicts);
      leases = List.copyOf(leases);
      cancelled = List.copyOf(cancelled);
    }
  }

  /**
   * An execution handed out.
   *
   * @param leaseSeconds what remains of the lease
   * @param deadlineSeconds what remains until the deadline
   */
  public record Lease(
      QueuedCommand command,
      int leaseNo,
      int attempt,
      double leaseSeconds,
      double deadlineSeconds) {
    /** Whether no other lease may follow this one. */
    public boolean isLast() {
      return attempt >= command.maxAttempts();
    }
  }

  /** A lease that is held, by its number. */
  public record Held(QueuedCommand command, int leaseNo) {}
}
