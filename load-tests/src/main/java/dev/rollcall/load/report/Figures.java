// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.report;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/** Numbers for people, the same in every locale. */
public final class Figures {
  private Figures() {}

  /** About three digits that matter, thousands set apart. */
  public static String of(double number) {
    double size = Math.abs(number);
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      return "-";
    }
    String pattern = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, pattern, number);
  }

  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", share * 100);
  }

  public static double median(Collection<Double> numbers) {
    double[] sorted = numbers.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  /** Median, smallest and largest. */
  public static String spread(Collection<Double> numbers) {
    double[] sorted = numbers.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      return "-";
    }
    double smallest = Arrays.stream(sorted).min().orElse(0);
    double largest = Arrays.stream(sorted).max().orElse(0);
    return of(median(numbers)) + " [" + of(smallest) + "-" + of(largest) + "]";
  }
}
