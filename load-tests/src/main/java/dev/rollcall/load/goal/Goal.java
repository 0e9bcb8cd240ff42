// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.goal;

import com.google.errorprone.annotations.Immutable;
import dev.rollcall.load.report.Figures;

/**
 * What a number has to be, and what it should be.
 *
 * @param isMoreBetter otherwise both are upper bounds
 * @param floor must be reached
 * @param aim is worth reaching
 */
@Immutable
public record Goal(boolean isMoreBetter, double floor, double aim) {
  public Goal {
    if (isMoreBetter ? aim < floor : aim > floor) {
      throw new IllegalArgumentException("the aim " + aim + " is less than the floor " + floor);
    }
  }

  static Goal atLeast(double floor, double aim) {
    return new Goal(true, floor, aim);
  }

  static Goal atMost(double floor, double aim) {
    return new Goal(false, floor, aim);
  }

  /** Not a number: it was not measured, or could not be. */
  public Verdict verdict(double value) {
    if (!Double.isFinite(value)) {
      return Verdict.UNKNOWN;
    }
    if (reaches(value, aim)) {
      return Verdict.AIM;
    }
    return reaches(value, floor) ? Verdict.FLOOR : Verdict.MISSED;
  }

  private boolean reaches(double value, double bound) {
    return isMoreBetter ? value >= bound : value <= bound;
  }

  /**
   * How many times as good as the floor a value is, whatever it counts; not a number if the floor
   * or the value is 0.
   */
  public double score(double value) {
    double score = isMoreBetter ? value / floor : floor / value;
    return Double.isFinite(score) ? score : Double.NaN;
  }

  /** A bound as a person writes it. */
  String shown(double bound) {
    return (isMoreBetter ? ">= " : "<= ") + Figures.of(bound);
  }
}
