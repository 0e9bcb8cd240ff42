// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

/** The server's verdict on a result. */
public enum Judgement {
  /** None was seen. */
  NONE(0),
  ACCEPTED(1),
  DUPLICATE(2),
  STALE(3),
  UNKNOWN(4),
  INVALID(5);

  private static final Judgement[] ALL = values();

  private final int number;

  Judgement(int number) {
    this.number = number;
  }

  /** Which one it is, in the log. */
  int number() {
    return number;
  }

  static Judgement of(int number) {
    return ALL[number];
  }
}
