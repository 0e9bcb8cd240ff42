// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.schedule;

import java.time.Duration;
import java.util.Optional;

/** How a call to the queue server ended, as far as it matters for the next one. */
public sealed interface Signal {
  /** There was something in the answer, so there may be more. */
  record Busy(Duration pollAfter) implements Signal {}

  /** Nothing, after the whole wait that was asked for. */
  record Quiet(Duration pollAfter) implements Signal {}

  /** Nothing, and sooner than asked for: the server is stopping, or does not hold polls. */
  record Early(Duration pollAfter) implements Signal {}

  /** Told to come later. */
  record Throttled(Optional<Duration> retryAfter) implements Signal {}

  /** Not known to the server, or no longer. */
  record Denied() implements Signal {}

  /** No answer, or none that can be used. */
  record Failed() implements Signal {}
}
