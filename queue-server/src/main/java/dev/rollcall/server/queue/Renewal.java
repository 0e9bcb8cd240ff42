// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

/**
 * A lease to be made longer.
 *
 * @param seconds from now; never past the command's deadline
 */
public record Renewal(QueueServer server, QueuedCommand command, int lease, int seconds) {}
