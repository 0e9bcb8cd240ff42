// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

/**
 * A lease as the edge saw it. Times are of {@link System#nanoTime}; 0: did not happen.
 *
 * @param server its number in the run
 * @param command its number in the run
 * @param lease the lease number
 * @param leaseSeconds how long it was given for
 * @param result what the edge reported
 * @param judgement what the server made of it
 * @param sent how many times it was reported
 * @param polledAt when the poll left that brought the lease: it was given later than this
 * @param leasedAt when the answer was in: it was given before this
 * @param reportedAt when the result first left
 * @param verdictAt when the verdict was in
 */
public record Lease(
    int server,
    int command,
    int lease,
    int leaseSeconds,
    Result result,
    Judgement judgement,
    int sent,
    long polledAt,
    long leasedAt,
    long reportedAt,
    long verdictAt) {
  /** The earliest time at which it can have lapsed. */
  long lapsesAt() {
    return polledAt + leaseSeconds * 1_000_000_000L;
  }

  /**
   * The earliest time at which this lease can have ended: its result left, or it lapsed. It was
   * surely live from {@link #leasedAt} until then.
   */
  long liveUntil() {
    return sent == 0 ? lapsesAt() : Math.min(lapsesAt(), reportedAt);
  }

  boolean endedTheExecution() {
    return judgement == Judgement.ACCEPTED && result.ends();
  }
}
