// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

/**
 * A row of the queue as it was read, without a lock, to decide what to lease.
 *
 * @param track lane and origin
 * @param seq its command
 * @param leaseNo the number of the last lease, 0: none
 * @param attempt how many leases counted so far
 * @param leased whether the last lease has not been given back (it may have lapsed)
 * @param visibleIn seconds until it may be leased, or its lease ends; 0 or less: that time has come
 * @param cancelled never to be leased again
 */
record Candidate(
    short track,
    long seq,
    int leaseNo,
    int attempt,
    boolean leased,
    double visibleIn,
    boolean cancelled) {
  boolean isDue() {
    return visibleIn <= 0;
  }

  boolean isLive() {
    return leased && !isDue();
  }

  boolean isLapsed() {
    return leased && isDue();
  }
}
