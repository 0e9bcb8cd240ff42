// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import dev.rollcall.server.app.cli.Printable;
import dev.rollcall.server.app.cli.Surroundings;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Says what the demo does, in lines that fit a terminal. Confined to one thread. */
final class Narrator {
  private static final int LABEL = 14;
  private static final int WIDEST = 100;

  private final Surroundings surroundings;
  private final PrintStream out;
  private final Path here = Path.of("").toAbsolutePath();

  Narrator(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.out = surroundings.streams().out();
  }

  void line(String text) {
    wrap("", text, width()).forEach(out::println);
    out.flush();
  }

  void gap() {
    out.println();
  }

  /** As it is, however long: for lines that are copied. */
  void verbatim(String text) {
    out.println(text);
    out.flush();
  }

  /** A thing that is there now. */
  void thing(String label, String text) {
    String first = "  " + label + " ".repeat(Math.max(LABEL - label.length(), 1));
    List<String> lines = wrap(" ".repeat(first.length()), text, width() - first.length());
    out.println(first + lines.getFirst().strip());
    lines.stream().skip(1).forEach(out::println);
    out.flush();
  }

  void heading(String text) {
    out.println();
    out.println(surroundings.screen().emphasised(text));
    out.flush();
  }

  void problem(List<String> lines) {
    PrintStream err = surroundings.streams().err();
    lines.forEach(line -> err.println(Printable.text(line)));
    err.flush();
  }

  Instant now() {
    return surroundings.timing().clock().instant();
  }

  /** "2.1 s" since then. */
  String since(Instant begun) {
    return seconds(Duration.between(begun, now()));
  }

  static String seconds(Duration length) {
    return String.format(Locale.ROOT, "%.1f s", length.toMillis() / 1000.0);
  }

  /** A path as short as it can be written from the current directory. */
  String path(Path path) {
    return path.startsWith(here) ? here.relativize(path).toString() : path.toString();
  }

  private int width() {
    return Math.min(surroundings.screen().size().get().columns() - 1, WIDEST);
  }

  /** Breaks at spaces; a longer word stays whole. */
  static List<String> wrap(String indent, String text, int width) {
    List<String> lines = new ArrayList<>();
    var line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(indent + line);
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(indent + line);
    return lines;
  }
}
