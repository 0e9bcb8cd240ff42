// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import dev.rollcall.edge.client.CallOutcome;
import dev.rollcall.edge.client.QueueClient;
import dev.rollcall.edge.execute.Renewals;
import dev.rollcall.edge.execute.Renewals.Renewal;
import dev.rollcall.edge.journal.LeaseId;
import dev.rollcall.edge.telemetry.Log;
import dev.rollcall.protocol.edge.EdgeLimits;
import dev.rollcall.protocol.edge.LeaseRenewal;
import java.time.Duration;
import java.util.List;

/** Renews the leases of executions that take longer than their lease lasts. */
final class LeaseKeeper {
  private static final Log LOG = Log.of("poll");

  private final QueueClient client;
  private final Renewals renewals;

  LeaseKeeper(QueueClient client, Renewals renewals) {
    this.client = client;
    this.renewals = renewals;
  }

  void turn() throws InterruptedException {
    List<Renewal> due = renewals.awaitDue();
    List<Renewal> batch = due.subList(0, Math.min(due.size(), EdgeLimits.MAX_RESULTS));
    CallOutcome<List<LeaseRenewal.Entry>> outcome =
        client.renew(
            batch.stream()
                .map(renewal ->
                    new LeaseRenewal.Item(
                        renewal.id().command(), renewal.id().lease(), renewal.extendSeconds()))
                .toList());
    // Whatever is not answered is asked for again soon, until the lease has run out.
    batch.forEach(renewal -> renewals.later(renewal.id()));
    if (outcome instanceof CallOutcome.Answered<List<LeaseRenewal.Entry>> answered) {
      answered.answer().forEach(entry -> take(entry, answered.receivedNanos()));
    } else {
      LOG.warn("leases could not be renewed", "leases", batch.size(), "outcome", outcome);
    }
  }

  private void take(LeaseRenewal.Entry entry, long receivedNanos) {
    var id = new LeaseId(entry.command(), entry.lease());
    Long seconds = entry.leaseSeconds();
    switch (entry.outcome()) {
      case "extended" -> {
        if (seconds != null) {
          renewals.renewed(id, Duration.ofSeconds(seconds), receivedNanos);
        }
      }
      case "stale" -> renewals.lost(id);
      default -> renewals.notAgain(id); // cancelled: what runs is finished within its lease
    }
  }
}
