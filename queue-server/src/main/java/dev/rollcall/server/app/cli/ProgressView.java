// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import dev.rollcall.server.app.cli.Screen.Colour;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws a command's rollup as lines: a bar for each participant. Pure: the same status and size
 * give the same lines, none wider than the size or more than it has rows.
 */
final class ProgressView {
  private static final int LONGEST_NAME = 24;
  private static final int LONGEST_BAR = 50;
  private static final int SHORTEST_BAR = 5;
  private static final int DETAILS = 24;
  private static final String GAP = "  ";

  private final Screen screen;

  ProgressView(Screen screen) {
    this.screen = screen;
  }

  /**
   * @param since how long ago this status was read
   */
  List<String> draw(CommandStatus status, Duration since, TerminalSize size) {
    int width = size.columns() - 1; // a full line would make some terminals wrap
    List<String> lines = new ArrayList<>();
    lines.add(head(status, since, width));
    List<CommandStatus.Part> shown = shown(status.participants(), size.rows() - 4);
    Layout layout = Layout.of(shown, width);
    shown.forEach(part -> lines.add(row(part, layout, width)));
    int left = status.participants().size() - shown.size();
    if (left > 0) {
      lines.add(Printable.clip("  and " + left + " more", width, screen.glyphs().ellipsis()));
    }
    return lines;
  }

  private String head(CommandStatus status, Duration since, int width) {
    Duration age = status.hasEnded() ? status.age() : status.age().plus(since);
    String dot = " " + screen.glyphs().dot() + " ";
    String text =
        status.state()
            + dot
            + status.totals().ended()
            + " of "
            + status.totals().targeted()
            + dot
            + String.format(Locale.ROOT, "%.1f s", age.toMillis() / 1000.0)
            + dot
            + status.operation()
            + " "
            + status.id();
    String clipped = Printable.clip(text, width, screen.glyphs().ellipsis());
    Colour colour = !status.hasEnded() ? Colour.BOLD : status.isGood() ? Colour.GOOD : Colour.BAD;
    return screen.paint(colour, clipped);
  }

  /** When there is no room for all, those that have not ended come first. */
  private static List<CommandStatus.Part> shown(List<CommandStatus.Part> parts, int most) {
    if (parts.size() <= most) {
      return parts;
    }
    List<CommandStatus.Part> sorted =
        new ArrayList<>(parts.stream().filter(p -> !p.hasEnded()).toList());
    parts.stream().filter(CommandStatus.Part::hasEnded).forEach(sorted::add);
    return sorted.subList(0, Math.max(most, 0));
  }

  /** Widths of the columns; 0: the column is left out. */
  private record Layout(int name, int counts, int bar, int details) {
    static Layout of(List<CommandStatus.Part> parts, int width) {
      int name = 1;
      int counts = 1;
      for (CommandStatus.Part part : parts) {
        name = Math.max(name, part.participant().length());
        counts = Math.max(counts, ProgressView.counts(part).length());
      }
      name = Math.min(name, LONGEST_NAME);
      int fixed = name + counts + 2 * GAP.length();
      int withDetails = width - fixed - DETAILS - GAP.length();
      if (withDetails >= SHORTEST_BAR) {
        int bar = Math.min(withDetails, LONGEST_BAR);
        return new Layout(name, counts, bar, width - fixed - bar - GAP.length());
      }
      int without = width - fixed;
      return new Layout(
          name, counts, without >= SHORTEST_BAR ? Math.min(without, LONGEST_BAR) : 0, 0);
    }
  }

  private String row(CommandStatus.Part part, Layout layout, int width) {
    String name =
        pad(
            Printable.clip(part.participant(), layout.name(), screen.glyphs().ellipsis()),
            layout.name());
    String counts = counts(part);
    String right = " ".repeat(Math.max(layout.counts() - counts.length(), 0)) + counts;
    if (layout.bar() == 0) {
      return Printable.clip(name + GAP + right, width, screen.glyphs().ellipsis());
    }
    String line = name + GAP + bar(part.totals(), layout.bar()) + GAP + right;
    String details = Printable.clip(details(part), layout.details(), screen.glyphs().ellipsis());
    return details.isEmpty()
        ? line
        : line + GAP + screen.paint(part.totals().bad() > 0 ? Colour.BAD : Colour.FAINT, details);
  }

  private static String counts(CommandStatus.Part part) {
    return part.totals().ended() + "/" + part.totals().targeted();
  }

  private static String details(CommandStatus.Part part) {
    String details = part.totals().details();
    return details.isEmpty() ? part.state() : details;
  }

  private String bar(Totals totals, int width) {
    int targeted = Math.max(totals.targeted(), 1);
    boolean nobody = totals.targeted() == 0;
    int bad = cells(totals.bad(), targeted, width);
    int good =
        nobody
            ? width
            : Math.min(
                cells(totals.succeeded() + totals.processed(), targeted, width), width - bad);
    if (totals.targeted() > 0 && totals.ended() == totals.targeted()) {
      good = width - bad; // rounding leaves no gap in what is done
    }
    Glyphs glyphs = screen.glyphs();
    return screen.paint(Colour.GOOD, glyphs.good().repeat(good))
        + screen.paint(Colour.BAD, glyphs.bad().repeat(bad))
        + screen.paint(Colour.FAINT, glyphs.open().repeat(width - good - bad));
  }

  /** Rounded down, but what is there is seen. */
  private static int cells(int count, int targeted, int width) {
    int cells = (int) ((long) count * width / targeted);
    return count > 0 ? Math.min(Math.max(cells, 1), width) : 0;
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(width - text.length(), 0));
  }
}
