// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Curves over one axis; both axes start at 0. */
public final class LineChart {
  private static final int LEFT = 80;
  private static final int WIDTH = 640;
  private static final int RIGHT = 40;
  private static final int TOP = 50;
  private static final int HEIGHT = 320;
  private static final int BOTTOM = 60;
  private static final int TICKS = 5;

  private final String title;
  private final String across;
  private final String up;
  private final List<Curve> curves = new ArrayList<>();

  /**
   * @param across what the horizontal axis shows
   * @param up what the vertical axis shows
   */
  public LineChart(String title, String across, String up) {
    this.title = title;
    this.across = across;
    this.up = up;
  }

  /** A point of a curve. */
  public record Point(double x, double y) {}

  private record Curve(String name, List<Point> points) {}

  public LineChart curve(String name, List<Point> points) {
    curves.add(new Curve(name, List.copyOf(points)));
    return this;
  }

  public String svg() {
    var svg = new Svg(LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM, title);
    double mostX = largest(true);
    double mostY = largest(false);
    grid(svg, mostX, mostY);
    for (int i = 0; i < curves.size(); i++) {
      String colour = Svg.COLOURS.get(i % Svg.COLOURS.size());
      var points = new StringBuilder();
      for (Point point : curves.get(i).points) {
        points.append(
            String.format(
                Locale.ROOT,
                "%.1f,%.1f ",
                LEFT + point.x / mostX * WIDTH,
                TOP + HEIGHT - point.y / mostY * HEIGHT));
      }
      svg.path(points.toString().strip(), colour);
      svg.box(LEFT + 16, TOP + 8 + i * 20, 14, 10, colour);
      svg.text(LEFT + 36, TOP + 18 + i * 20, "start", curves.get(i).name);
    }
    return svg.toString();
  }

  private double largest(boolean ofX) {
    double largest =
        curves.stream()
            .flatMap(curve -> curve.points.stream())
            .mapToDouble(point -> ofX ? point.x : point.y)
            .max()
            .orElse(1);
    return nice(largest <= 0 ? 1 : largest);
  }

  /** The next round number. */
  static double nice(double number) {
    double power = Math.pow(10, Math.floor(Math.log10(number)));
    for (double step : new double[] {1, 1.5, 2, 2.5, 3, 4, 5, 6, 8}) {
      if (number <= step * power * 1.000_001) {
        return step * power;
      }
    }
    return 10 * power;
  }

  /** A round number, without zeros behind the point. */
  private static String tick(double number) {
    return Figures.of(number).replaceFirst("\\.0+$", "").replaceFirst("(\\.[0-9])0$", "$1");
  }

  private void grid(Svg svg, double mostX, double mostY) {
    for (int i = 0; i <= TICKS; i++) {
      double x = LEFT + (double) WIDTH * i / TICKS;
      double y = TOP + HEIGHT - (double) HEIGHT * i / TICKS;
      svg.line(LEFT, y, LEFT + WIDTH, y, "stroke=\"#dddddd\"");
      svg.line(x, TOP, x, TOP + HEIGHT, "stroke=\"#eeeeee\"");
      svg.text(LEFT - 8, y + 4, "end", tick(mostY * i / TICKS));
      svg.text(x, TOP + HEIGHT + 20, "middle", tick(mostX * i / TICKS));
    }
    svg.text(LEFT + WIDTH / 2.0, TOP + HEIGHT + 44, "middle", across);
    svg.text(LEFT, TOP - 8, "start", up);
  }
}
