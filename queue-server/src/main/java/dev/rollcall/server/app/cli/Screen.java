// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What standard output is.
 *
 * @param live a terminal: what was written can be drawn over
 * @param colour whether colours are wanted there
 * @param size asked anew for each drawing, because windows change
 */
public record Screen(boolean live, boolean colour, Glyphs glyphs, Supplier<TerminalSize> size) {
  /** Not a terminal. */
  static final Screen NONE = new Screen(false, false, Glyphs.ASCII, () -> TerminalSize.USUAL);

  /** The process's standard output. */
  static Screen of(PrintStream out, Map<String, String> environment) {
    boolean live = !"dumb".equals(environment.get("TERM")) && standardOutputIsTerminal();
    // https://no-color.org: set and not empty, whatever the value
    boolean colour = live && environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Screen(live, colour, Glyphs.of(out.charset()), () -> TerminalSize.read(environment));
  }

  /** {@code System.console().isTerminal()} also wants standard input to be one. */
  private static boolean standardOutputIsTerminal() {
    try {
      Process test =
          new ProcessBuilder("test", "-t", "1")
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return test.waitFor(1, TimeUnit.SECONDS) && test.exitValue() == 0;
    } catch (IOException e) {
      return false; // plain lines are right everywhere
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The text in a colour, where there are colours. */
  String paint(Colour paint, String text) {
    return colour && !text.isEmpty() ? "\033[" + paint.code + "m" + text + "\033[0m" : text;
  }

  /** A heading. */
  public String emphasised(String text) {
    return paint(Colour.BOLD, text);
  }

  /** What stands out, and how. */
  enum Colour {
    GOOD(32),
    BAD(31),
    FAINT(2),
    BOLD(1);

    private final int code;

    Colour(int code) {
      this.code = code;
    }
  }
}
