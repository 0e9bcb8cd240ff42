// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.UUID;

/**
 * What all executions of one command share, as far as the queue is concerned. Never changes once
 * the command is in the queue.
 *
 * @param seq its place in the order
 * @param id its id in the federation
 * @param track lane and origin
 * @param orderingHash executions of one value run one after the other at a server; 0: no order
 * @param leaseSeconds how long a lease lasts
 * @param maxAttempts after so many leases without an end it has failed
 * @param deadline in seconds since 1970, by the database's clock
 * @param payloadBytes about how much an answer grows by one of its executions
 */
public record QueuedCommand(
    long seq,
    UUID id,
    short track,
    long orderingHash,
    int leaseSeconds,
    int maxAttempts,
    double deadline,
    int payloadBytes) {}
