// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.client;

import dev.rollcall.protocol.json.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a call ended.
 *
 * @param <T> what an answer holds
 */
public sealed interface CallOutcome<T> {
  /**
   * @param receivedNanos when the answer began to arrive, by the monotonic clock: what remains of a
   *     lease counts from here
   */
  record Answered<T>(T answer, long receivedNanos) implements CallOutcome<T> {}

  /** 401 or 403, or there is no token to send. */
  record Unauthenticated<T>(String reason) implements CallOutcome<T> {}

  /** 429 or 503. */
  record Throttled<T>(int status, Optional<Duration> retryAfter) implements CallOutcome<T> {}

  /**
   * 400, 409 or 413: the request as it is will never be taken.
   *
   * @param byServer whether the queue server says so, and not something on the way to it
   */
  record Refused<T>(int status, boolean byServer, List<Problem> problems)
      implements CallOutcome<T> {}

  /** No connection, no answer in time, or none that can be used. */
  record Failed<T>(String reason) implements CallOutcome<T> {}
}
