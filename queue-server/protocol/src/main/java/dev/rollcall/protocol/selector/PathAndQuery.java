// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import dev.rollcall.protocol.json.Problems;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;

/**
 * Brings a path with its query to the normal form of RFC 3986 section 6.2.2: percent-encoding in
 * upper case, unreserved characters decoded, everything outside ASCII encoded as UTF-8, dot
 * segments removed. What could mean two things to two programs is refused instead of repaired.
 */
final class PathAndQuery {
  private static final String UNRESERVED_MARKS = "-._~";
  private static final String SUB_DELIMS = "!$&'()*+,;=";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private PathAndQuery() {}

  /**
   * {@code text} begins with {@code /} or {@code ?}, or is empty; the answer begins with a slash.
   */
  static String normalise(String text) throws SelectorException {
    int question = text.indexOf('?');
    String path = question < 0 ? text : text.substring(0, question);
    String cleaned = withoutDotSegments(encode(path.isEmpty() ? "/" : path, ":@/"), text);
    return question < 0 ? cleaned : cleaned + "?" + encode(text.substring(question + 1), ":@/?");
  }

  /** Percent-encoding only; {@code extra} are the characters allowed beside those of a segment. */
  static String encode(String text, String extra) throws SelectorException {
    var out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      if (c == '%') {
        out.append(decodedTriplet(text, i));
        i += 3;
        continue;
      }
      if (isUnreserved(c) || SUB_DELIMS.indexOf(c) >= 0 || extra.indexOf(c) >= 0) {
        out.appendCodePoint(c);
      } else if (c >= 0x80) {
        appendEncoded(out, c, text);
      } else {
        throw refused(text, "the character " + named(c) + " must be percent-encoded");
      }
      i += Character.charCount(c);
    }
    return out.toString();
  }

  private static void appendEncoded(StringBuilder out, int c, String text)
      throws SelectorException {
    if (c <= 0x9f || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw refused(text, "the character " + named(c) + " is not allowed");
    }
    for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
      out.append('%').append(HEX.toHexDigits(b));
    }
  }

  private static String decodedTriplet(String text, int at) throws SelectorException {
    if (at + 3 > text.length()
        || !HexFormat.isHexDigit(text.charAt(at + 1))
        || !HexFormat.isHexDigit(text.charAt(at + 2))) {
      throw refused(text, "% must be followed by two hexadecimal digits");
    }
    int value = HexFormat.fromHexDigits(text, at + 1, at + 3);
    if (value < 0x20 || value == 0x7f) {
      throw refused(text, "an encoded control character is not allowed");
    }
    return isUnreserved(value)
        ? Character.toString((char) value)
        : "%" + HEX.toHexDigits((byte) value);
  }

  /** RFC 3986 section 5.2.4, but climbing above the root is an error and not silently the root. */
  private static String withoutDotSegments(String path, String text) throws SelectorException {
    String[] segments = path.substring(1).split("/", -1);
    Deque<String> out = new ArrayDeque<>();
    for (int i = 0; i < segments.length; i++) {
      String segment = segments[i];
      boolean last = i == segments.length - 1;
      refuseHiddenDots(segment, text);
      if (segment.equals("..")) {
        if (out.isEmpty()) {
          throw refused(text, "the path climbs above its root with \"..\"");
        }
        out.removeLast();
      }
      if (segment.equals("..") || segment.equals(".")) {
        if (last) {
          out.addLast("");
        }
      } else {
        out.addLast(segment);
      }
    }
    return "/" + String.join("/", out);
  }

  /** {@code ..%2Fa} is one segment here and two to a program that decodes first. */
  private static void refuseHiddenDots(String segment, String text) throws SelectorException {
    if (!segment.contains("%2F") && !segment.contains("%5C")) {
      return;
    }
    for (String piece : segment.split("%2F|%5C", -1)) {
      if (piece.equals("..") || piece.equals(".")) {
        throw refused(text, "a dot segment beside an encoded slash or backslash is not allowed");
      }
    }
  }

  private static boolean isUnreserved(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || UNRESERVED_MARKS.indexOf(c) >= 0;
  }

  private static String named(int c) {
    return c <= 0x20 || c >= 0x7f ? String.format("U+%04X", c) : "\"" + (char) c + "\"";
  }

  private static SelectorException refused(String text, String why) {
    return new SelectorException(Problems.shown(text) + ": " + why);
  }
}
