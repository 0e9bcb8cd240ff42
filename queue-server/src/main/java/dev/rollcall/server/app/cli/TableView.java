// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows in aligned columns. Widths follow the content: a cut-off value would be of no use. */
final class TableView {
  /**
   * @param number aligned to the right
   */
  record Column(String name, boolean number) {}

  private TableView() {}

  static List<String> lines(List<Column> columns, List<List<String>> rows) {
    int[] widths = columns.stream().mapToInt(column -> column.name().length()).toArray();
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add(line(columns, columns.stream().map(Column::name).toList(), widths));
    List<String> rule = new ArrayList<>();
    for (int width : widths) {
      rule.add("-".repeat(width));
    }
    lines.add(String.join("  ", rule));
    rows.forEach(row -> lines.add(line(columns, row, widths)));
    return lines;
  }

  private static String line(List<Column> columns, List<String> cells, int[] widths) {
    var line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String gap = " ".repeat(widths[i] - cells.get(i).length());
      line.append(i == 0 ? "" : "  ");
      line.append(columns.get(i).number() ? gap + cells.get(i) : cells.get(i) + gap);
    }
    return line.toString().stripTrailing();
  }
}
