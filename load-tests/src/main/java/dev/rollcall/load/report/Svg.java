// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.report;

import com.google.errorprone.annotations.FormatMethod;
import java.util.List;
import java.util.Locale;

/** A picture in the making: boxes, lines and text on white. Confined to one thread. */
final class Svg {
  /** Told apart also by those who see no red or green. */
  static final List<String> COLOURS =
      List.of("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#666666");

  private final StringBuilder text = new StringBuilder();

  Svg(int width, int height, String title) {
    text.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" \
        font-family="Helvetica, Arial, sans-serif" font-size="13">
        <rect width="%1$d" height="%2$d" fill="#ffffff"/>
        """
            .formatted(width, height));
    text(16, 24, "start", "font-size=\"16\" font-weight=\"bold\"", title);
  }

  @FormatMethod
  private Svg add(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
    return this;
  }

  Svg box(double x, double y, double width, double height, String colour) {
    return add(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>",
        x, y, Math.max(0.5, width), height, colour);
  }

  Svg line(double x1, double y1, double x2, double y2, String style) {
    return add("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>", x1, y1, x2, y2, style);
  }

  Svg path(String points, String colour) {
    return add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>", points, colour);
  }

  Svg text(double x, double y, String anchor, String content) {
    return text(x, y, anchor, "", content);
  }

  private Svg text(double x, double y, String anchor, String style, String content) {
    String safe = content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    return add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"#222222\" %s>%s</text>",
        x, y, anchor, style, safe);
  }

  @Override
  public String toString() {
    return text + "</svg>\n";
  }
}
