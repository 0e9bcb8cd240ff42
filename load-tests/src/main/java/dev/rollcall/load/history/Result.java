// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

/** What a simulated edge says of an execution. */
public enum Result {
  /** Nothing yet. */
  NONE(0, "", false),
  SUCCEEDED(1, "succeeded", true),
  /** Failed, and not to be tried again. */
  FAILED(2, "failed", true),
  /** Failed, to be tried again. */
  RETRY(3, "failed", false);

  private static final Result[] ALL = values();

  private final int number;
  private final String wire;
  private final boolean ends;

  Result(int number, String wire, boolean ends) {
    this.number = number;
    this.wire = wire;
    this.ends = ends;
  }

  /** The protocol's word for the outcome. */
  public String wire() {
    return wire;
  }

  /** Whether the execution has ended once this is accepted. */
  public boolean ends() {
    return ends;
  }

  /** Which one it is, in the log. */
  int number() {
    return number;
  }

  static Result of(int number) {
    return ALL[number];
  }
}
