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

  /**
   * @param unit of all values
   */
  public BarChart(String title, String unit) {
    this.title = title;
    this.unit = unit;
  }

  private record Bar(String label, List<Double> values) {
    double smallest() {
      return values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    }

    double largest() {
      return values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }
  }

  /** A bar of the median of these values. */
  public BarChart bar(String label, List<Double> values) {
    bars.add(new Bar(label, List.copyOf(values)));
    return this;
  }

  public String svg() {
    int bottom = TOP + bars.size() * STEP;
    var svg = new Svg(LEFT + WIDTH + RIGHT, bottom + BOTTOM, title);
    double most = bars.stream().mapToDouble(Bar::largest).max().orElse(1);
    double scale = WIDTH / (most <= 0 ? 1 : most);
    for (int i = 0; i < bars.size(); i++) {
      draw(svg, bars.get(i), TOP + i * STEP, scale);
    }
    svg.line(LEFT, TOP - 6, LEFT, bottom, "stroke=\"#888888\"");
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
    svg.text(LEFT + bar.largest() * scale + 8, y + 14, "start", Figures.of(median));
  }
}
