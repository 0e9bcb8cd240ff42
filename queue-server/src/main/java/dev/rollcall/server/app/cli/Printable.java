// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.util.Locale;
import java.util.stream.Collectors;

/** Text as a terminal may show it: nothing in it can move the cursor or reverse what is read. */
public final class Printable {
  private Printable() {}

  /** On one line; control and direction characters are shown as escapes. */
  public static String text(String text) {
    if (text.chars().noneMatch(Printable::isUnsafe)) {
      return text;
    }
    var out = new StringBuilder();
    text.chars().forEach(c -> append(out, (char) c));
    return out.toString();
  }

  /** For JSON that was serialised: what is escaped stays the same value. */
  static String json(String json) {
    return json.lines().map(Printable::text).collect(Collectors.joining("\n"));
  }

  /** At most {@code width} characters. */
  static String clip(String text, int width, String ellipsis) {
    if (text.length() <= width) {
      return text;
    }
    return width <= ellipsis.length()
        ? text.substring(0, Math.max(width, 0))
        : text.substring(0, width - ellipsis.length()) + ellipsis;
  }

  private static void append(StringBuilder out, char c) {
    if (isUnsafe(c)) {
      out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
    } else {
      out.append(c);
    }
  }

  private static boolean isUnsafe(int c) {
    return c < ' '
        || (c >= 0x7f && c <= 0x9f)
        || c == 0x200e
        || c == 0x200f
        || (c >= 0x2028 && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
  }
}
