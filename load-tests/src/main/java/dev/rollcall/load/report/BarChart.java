// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.report;

import java.util.ArrayList;
import java.util.List;

/** Horizontal bars, one below the other, each with its spread. */
public final class BarChart {
  private static final int LEFT = 250;
  private static final int WIDTH = 460;
  private static final int RIGHT = 130;
  private static final int TOP = 48;
  private static final int STEP = 34;
  private static final int BAR = 18;
  private static final int BOTTOM = 46;

  private final String title;
  private final String unit;
  private final List<Bar> bars = new ArrayList<>();
  private double across = Double.NaN;

  /**
   * @param unit of all values
   */
  public BarChart(String title, String unit) {
    this.title = title;
    this.unit = unit;
  }

  /**
   * @param mark not a number: none
   */
  private record Bar(String label, List<Double> values, double mark) {
    double smallest() {
      return values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    }

    double largest() {
      return values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }

    double reach() {
      return Double.isNaN(mark) ? largest() : Math.max(mark, largest());
    }
  }

  /** A bar of the median of these values. */
  public BarChart bar(String label, List<Double> values) {
    return bar(label, values, Double.NaN);
  }

  /** The same, with a short line across at a value to compare it with. */
  public BarChart bar(String label, List<Double> values, double mark) {
    bars.add(new Bar(label, List.copyOf(values), mark));
    return this;
  }

  /** A line across all bars at a value to compare them with. */
  public BarChart across(double value) {
    across = value;
    return this;
  }

  public String svg() {
    int bottom = TOP + bars.size() * STEP;
    var svg = new Svg(LEFT + WIDTH + RIGHT, bottom + BOTTOM, title);
    double most = bars.stream().mapToDouble(Bar::reach).max().orElse(1);
    double scale = WIDTH / (most <= 0 ? 1 : most);
    for (int i = 0; i < bars.size(); i++) {
      draw(svg, bars.get(i), TOP + i * STEP, scale);
    }
    svg.line(LEFT, TOP - 6, LEFT, bottom, "stroke=\"#888888\"");
    if (!Double.isNaN(across)) {
      double x = LEFT + across * scale;
      svg.line(x, TOP - 6, x, bottom, "stroke=\"#d55e00\" stroke-dasharray=\"4 3\"");
    }
    svg.text(LEFT, bottom + 24, "start", unit + " (bar: median; line: smallest to largest)");
    return svg.toString();
  }

  private static void draw(Svg svg, Bar bar, int y, double scale) {
    double median = Figures.median(bar.values);
    double middle = y + BAR / 2.0;
    svg.text(LEFT - 10, y + 14, "end", bar.label);
    svg.box(LEFT, y, median * scale, BAR, Svg.COLOURS.getFirst());
    svg.line(
        LEFT + bar.smallest() * scale,
        middle,
        LEFT + bar.largest() * scale,
        middle,
        "stroke=\"#111111\" stroke-width=\"1.5\"");
    if (!Double.isNaN(bar.mark)) {
      double x = LEFT + bar.mark * scale;
      svg.line(x, y - 4, x, y + BAR + 4, "stroke=\"#009e73\" stroke-width=\"3\"");
    }
    svg.text(LEFT + bar.reach() * scale + 8, y + 14, "start", Figures.of(median));
  }
}
