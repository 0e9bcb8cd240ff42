// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.edge;

/** The limits of the edge protocol. */
public final class EdgeLimits {
  /** Most executions one answer may be asked to hold. */
  public static final int MAX_CAPACITY = 1_000;

  /** Longest wait, in seconds. */
  public static final int MAX_WAIT_SECONDS = 60;

  /** Most results, or renewals, of one request. */
  public static final int MAX_RESULTS = 1_000;

  /** Largest request body, and most bytes of executions in one answer. */
  public static final int MAX_BODY_BYTES = 1 << 20;

  /** Longest {@code message} of a result, in UTF-8 bytes; what is longer is cut. */
  public static final int MAX_MESSAGE_BYTES = 2_048;

  /** Longest {@code code} of a result, in characters; what is longer is cut. */
  public static final int MAX_CODE = 64;

  /** Largest {@code data} of a result, in bytes of its JSON. */
  public static final int MAX_DATA_BYTES = 16 << 10;

  /** Longest lease, in seconds. */
  public static final int MAX_LEASE_SECONDS = 3_600;

  private EdgeLimits() {}
}
