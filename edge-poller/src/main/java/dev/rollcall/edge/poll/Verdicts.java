// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import dev.rollcall.edge.journal.Journal;
import dev.rollcall.edge.journal.LeaseId;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.protocol.edge.PollAnswer.VerdictItem;
import dev.rollcall.protocol.edge.ResultItem;
import dev.rollcall.protocol.edge.Verdict;
import dev.rollcall.protocol.json.Problem;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What becomes of results that were sent. Thread-safe. */
final class Verdicts {
  private static final Log LOG = Log.of("poll");

  private final Outbox outbox;
  private final Journal journal;

  Verdicts(Outbox outbox, Journal journal) {
    this.outbox = outbox;
    this.journal = journal;
  }

  /**
   * Every verdict is final, whatever it is; a result without one is sent again.
   *
   * @return whether each has one
   */
  boolean take(List<ResultItem> sent, List<VerdictItem> verdicts) {
    Map<LeaseId, ResultItem> open = new LinkedHashMap<>();
    sent.forEach(result -> open.put(LeaseId.of(result), result));
    Set<LeaseId> settled = new HashSet<>();
    for (VerdictItem item : verdicts) {
      var id = new LeaseId(item.command(), item.lease());
      if (open.remove(id) != null) {
        settled.add(id);
      }
      if (!item.verdict().equals(Verdict.ACCEPTED.wire())) {
        LOG.warn(
            "a result was not counted",
            "command",
            item.command(),
            "lease",
            item.lease(),
            "verdict",
            item.verdict());
      }
    }
    if (!open.isEmpty()) {
      LOG.warn("results were sent and got no verdict", "results", open.size());
    }
    settle(settled);
    outbox.giveBack(open.values());
    return open.isEmpty();
  }

  /** The server will never take it; kept, it would be sent for ever. */
  void refused(ResultItem result, List<Problem> problems) {
    LOG.warn(
        "a result is refused by the server and dropped",
        "command",
        result.command(),
        "lease",
        result.lease(),
        "outcome",
        result.outcome(),
        "problems",
        problems);
    settle(Set.of(LeaseId.of(result)));
  }

  private void settle(Set<LeaseId> ids) {
    journal.settled(ids);
    outbox.settled(ids);
  }
}
