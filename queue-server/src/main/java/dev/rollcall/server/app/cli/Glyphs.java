// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;

/**
 * The signs that a view is drawn with.
 *
 * @param good of a bar: succeeded
 * @param bad of a bar: ended otherwise
 * @param open of a bar: not ended
 */
public record Glyphs(String good, String bad, String open, String ellipsis, String dot) {
  static final Glyphs ASCII = new Glyphs("#", "x", "-", "...", "|");
  static final Glyphs UNICODE = new Glyphs("█", "▒", "░", "…", "·");

  /** What this charset can write. */
  static Glyphs of(Charset charset) {
    if (!charset.canEncode()) {
      return ASCII;
    }
    CharsetEncoder encoder = charset.newEncoder();
    String all = UNICODE.good + UNICODE.bad + UNICODE.open + UNICODE.ellipsis + UNICODE.dot;
    return encoder.canEncode(all) ? UNICODE : ASCII;
  }
}
