// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.EndPoint;

/**
 * How slowly a body may come: something every few seconds, and a least rate over all of it.
 * Confined to one request.
 */
final class BodyPace {
  /** The longest pause; also what every body has before the rate counts. */
  static final Duration GRACE = Duration.ofSeconds(15);

  /** Slower than any line that an edge would be run on; 1 MiB takes 17 minutes. */
  static final long BYTES_PER_SECOND = 1_024;

  private final EndPoint endPoint;
  private final LongSupplier nanos;
  private final long start;
  private final long idleBefore;

  private BodyPace(EndPoint endPoint, LongSupplier nanos) {
    this.endPoint = endPoint;
    this.nanos = nanos;
    this.start = nanos.getAsLong();
    this.idleBefore = endPoint.getIdleTimeout();
  }

  /** For a body of which something is still to come. */
  static BodyPace begin(EndPoint endPoint, LongSupplier nanos) {
    var pace = new BodyPace(endPoint, nanos);
    endPoint.setIdleTimeout(GRACE.toMillis());
    return pace;
  }

  /**
   * @param count bytes so far
   * @throws ApiException 408 when they should be more by now
   */
  void progressed(long count) {
    Duration rated = Duration.ofNanos(nanos.getAsLong() - start).minus(GRACE);
    if (rated.isPositive() && count < rated.toMillis() * BYTES_PER_SECOND / 1_000) {
      throw RequestBody.late();
    }
  }

  /** The body is whole: an answer may be waited for longer. */
  void end() {
    endPoint.setIdleTimeout(idleBefore);
  }
}
