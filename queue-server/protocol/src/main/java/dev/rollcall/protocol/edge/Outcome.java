// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.edge;

import java.util.Arrays;
import java.util.Optional;

/** What became of an attempt, as the edge reports it. */
public enum Outcome {
  /** Done; also when there was nothing to do. Ends the execution. */
  SUCCEEDED("succeeded"),
  /** Not done. Tried again while attempts and deadline allow, unless the result says otherwise. */
  FAILED("failed"),
  /** Unsupported, or refused by the edge's own policy. Ends the execution. */
  REJECTED("rejected"),
  /** Not started. Handed out again; not an attempt. */
  RELEASED("released");

  private final String wire;

  Outcome(String wire) {
    this.wire = wire;
  }

  /** The word on the wire. */
  public String wire() {
    return wire;
  }

  /** Empty for a word this version does not know. */
  public static Optional<Outcome> of(String wire) {
    return Arrays.stream(values()).filter(outcome -> outcome.wire.equals(wire)).findFirst();
  }
}
