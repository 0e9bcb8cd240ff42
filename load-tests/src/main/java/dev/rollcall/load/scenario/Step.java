// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

/** What is measured in each round of {@code all}. */
enum Step {
  FLOOR("floor"),
  RAW("raw"),
  STEADY_WIDE("steady 50"),
  STEADY_NARROW("steady 10"),
  CHURN("snapshot held"),
  COMPLETE("fanout complete"),
  LATENCY("latency"),
  FAIR("fair"),
  ACCEPTED("fanout accepted");

  private final String label;

  Step(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }
}
