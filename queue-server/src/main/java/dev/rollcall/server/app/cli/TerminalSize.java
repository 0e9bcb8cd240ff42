// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much a terminal shows at once. */
public record TerminalSize(int columns, int rows) {
  static final TerminalSize USUAL = new TerminalSize(80, 24);
  private static final Pattern STTY = Pattern.compile("(\\d{1,5}) (\\d{1,5})\\s*");
  private static final int NARROWEST = 20;

  /** What COLUMNS and LINES say, else what the terminal says, else 80 by 24. */
  static TerminalSize read(Map<String, String> environment) {
    TerminalSize terminal = ofTerminal().orElse(USUAL);
    return new TerminalSize(
        number(environment.get("COLUMNS"), NARROWEST, terminal.columns()),
        number(environment.get("LINES"), 3, terminal.rows()));
  }

  private static int number(@org.jspecify.annotations.Nullable String text, int min, int fallback) {
    return text != null && text.matches("[0-9]{1,5}") && Integer.parseInt(text) >= min
        ? Integer.parseInt(text)
        : fallback;
  }

  private static Optional<TerminalSize> ofTerminal() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return stty.waitFor(1, TimeUnit.SECONDS) ? parse(said) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // no terminal, or no stty: the usual size will do
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** What {@code stty size} prints: rows, columns. A serial line says 0 0. */
  static Optional<TerminalSize> parse(String sttySize) {
    Matcher matcher = STTY.matcher(sttySize);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int rows = Integer.parseInt(matcher.group(1));
    int columns = Integer.parseInt(matcher.group(2));
    return rows >= 3 && columns >= NARROWEST
        ? Optional.of(new TerminalSize(columns, rows))
        : Optional.empty();
  }
}
