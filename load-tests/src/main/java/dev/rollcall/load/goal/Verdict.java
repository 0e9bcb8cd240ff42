// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.goal;

/** How a figure stands against its goal. */
public enum Verdict {
  AIM("aim"),
  FLOOR("floor"),
  MISSED("NO"),
  /** Nothing was measured. */
  UNKNOWN("-");

  private final String shown;

  Verdict(String shown) {
    this.shown = shown;
  }

  /** What was reached, in a word. */
  public String shown() {
    return shown;
  }
}
