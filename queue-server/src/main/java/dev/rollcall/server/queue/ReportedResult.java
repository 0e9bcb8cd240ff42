// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.protocol.edge.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * One result as it came in, with its command found.
 *
 * @param server who reports
 * @param command whose execution it is
 * @param lease the lease number it came under
 * @param outcome what became of the attempt
 * @param retry false: a failure ends the execution
 * @param jitter the random share, 0 to 1, of the longest pause before a retry
 * @param code null: none
 * @param message null: none
 * @param objects null: not known
 * @param data JSON text; null: none
 */
public record ReportedResult(
    QueueServer server,
    QueuedCommand command,
    int lease,
    Outcome outcome,
    boolean retry,
    double jitter,
    @Nullable String code,
    @Nullable String message,
    @Nullable Long objects,
    @Nullable String data) {}
