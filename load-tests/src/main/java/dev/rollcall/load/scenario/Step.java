// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.goal.Figure;
import java.util.List;

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

  /** What it measures by itself; the others are compared when all rounds are done. */
  List<Figure> figures() {
    return switch (this) {
      case COMPLETE -> List.of(Figure.COMPLETE);
      case ACCEPTED -> List.of(Figure.ACCEPTED);
      case LATENCY -> List.of(Figure.LATENCY_MEDIAN, Figure.LATENCY_LATE);
      case FAIR -> List.of(Figure.FAIR);
      case FLOOR, RAW, STEADY_WIDE, STEADY_NARROW, CHURN -> List.of();
    };
  }
}
