// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

/**
 * A server as the queue knows it.
 *
 * @param id its number
 * @param participantId whose it is; results are counted there
 * @param cell which part of the queue holds its executions
 */
public record QueueServer(int id, short participantId, short cell) {}
