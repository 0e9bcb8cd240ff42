// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.edge;

import java.util.Arrays;
import java.util.Optional;

/** What the queue server made of one result. Each is final: the edge forgets the result. */
public enum Verdict {
  /** Counted, or the execution was put back. */
  ACCEPTED("accepted"),
  /** The result of this lease is already in. */
  DUPLICATE("duplicate"),
  /** The lease is not the current one, or was never given; recorded as late if it was given. */
  STALE("stale"),
  /** No such execution of this server, or it is long gone. */
  UNKNOWN("unknown"),
  /** The outcome is not one this server knows. */
  INVALID("invalid");

  private final String wire;

  Verdict(String wire) {
    this.wire = wire;
  }

  /** The word on the wire. */
  public String wire() {
    return wire;
  }

  /** Empty for a word this version does not know. */
  public static Optional<Verdict> of(String wire) {
    return Arrays.stream(values()).filter(verdict -> verdict.wire.equals(wire)).findFirst();
  }
}
