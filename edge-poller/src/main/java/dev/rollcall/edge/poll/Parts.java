// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import dev.rollcall.edge.client.QueueClient;
import dev.rollcall.edge.execute.Work;
import dev.rollcall.edge.journal.Journal;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.telemetry.StatusBoard;
import java.util.random.RandomGenerator;

/** What the conversation works with. */
public record Parts(
    QueueClient client,
    Work work,
    Journal journal,
    Outbox outbox,
    StatusBoard board,
    RandomGenerator random,
    Ticker ticker) {}
