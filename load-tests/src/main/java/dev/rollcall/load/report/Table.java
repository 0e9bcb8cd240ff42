// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows under a heading, as text in columns; the first column is flush left, the others right. */
public final class Table {
  private final String title;
  private final List<List<String>> rows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  public Table(String title, String... columns) {
    this.title = title;
    rows.add(List.of(columns));
  }

  public Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  /** A line below the table. */
  public Table note(String note) {
    notes.add(note);
    return this;
  }

  @Override
  public String toString() {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    var text = new StringBuilder(title).append("\n\n");
    for (int i = 0; i < rows.size(); i++) {
      text.append(line(rows.get(i), widths)).append('\n');
      if (i == 0) {
        text.append("-".repeat(Arrays.stream(widths).sum() + 2 * (columns - 1))).append('\n');
      }
    }
    notes.forEach(note -> text.append('\n').append(note));
    return text.append(notes.isEmpty() ? "" : "\n").toString();
  }

  private static String line(List<String> row, int[] widths) {
    var line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      String pad = " ".repeat(widths[i] - row.get(i).length());
      line.append(i == 0 ? row.get(i) + pad : "  " + pad + row.get(i));
    }
    return line.toString().stripTrailing();
  }
}
