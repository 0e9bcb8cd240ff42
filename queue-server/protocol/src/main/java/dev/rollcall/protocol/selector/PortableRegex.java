// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

/**
 * Recursive descent over the part of the regular expression language on which RE2, PCRE and Java
 * agree. Confined to one call.
 */
final class PortableRegex {
  private static final int MAX_DEPTH = 20;
  private static final int MAX_COUNT = 100;

  /** What was found inside a group: repeating it is refused when it holds one of these. */
  private record Content(boolean repeats, boolean alternates) {
    static final Content PLAIN = new Content(false, false);

    Content and(Content other) {
      return new Content(repeats || other.repeats, alternates || other.alternates);
    }
  }

  private final String regex;
  private int at;
  private int repetitions;

  PortableRegex(String regex) {
    this.regex = regex;
  }

  void check() throws SelectorException {
    for (int i = 0; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c <= ' ' || c >= 0x7f) {
        throw new SelectorException(
            String.format(
                "the character U+%04X is not allowed; a normalised URL holds printable ASCII only",
                (int) c));
      }
    }
    alternation(0);
    if (at < regex.length()) {
      throw wrong("\")\" has no \"(\"");
    }
  }

  private Content alternation(int depth) throws SelectorException {
    if (depth > MAX_DEPTH) {
      throw wrong("groups are nested deeper than " + MAX_DEPTH);
    }
    Content content = concatenation(depth);
    while (at < regex.length() && regex.charAt(at) == '|') {
      at++;
      content = content.and(concatenation(depth)).and(new Content(false, true));
    }
    return content;
  }

  private Content concatenation(int depth) throws SelectorException {
    Content content = Content.PLAIN;
    while (at < regex.length() && "|)".indexOf(regex.charAt(at)) < 0) {
      Content atom = atom(depth);
      content = content.and(atom).and(quantified(atom));
    }
    return content;
  }

  private Content atom(int depth) throws SelectorException {
    char c = regex.charAt(at++);
    return switch (c) {
      case '(' -> group(depth);
      case '[' -> characterClass();
      case '\\' -> escape("dDwWsSbB");
      case '*', '+', '?', '{' -> throw wrong("\"" + c + "\" repeats nothing");
      case ']', '}' -> throw wrong("\"" + c + "\" must be escaped");
      default -> Content.PLAIN;
    };
  }

  private Content group(int depth) throws SelectorException {
    if (regex.startsWith("?", at)) {
      if (!regex.startsWith("?:", at)) {
        throw wrong("of groups only (…) and (?:…) are allowed, and (?i) at the very front");
      }
      at += 2;
    }
    Content content = alternation(depth + 1);
    if (at == regex.length()) {
      throw wrong("\"(\" has no \")\"");
    }
    at++;
    return content;
  }

  private Content characterClass() throws SelectorException {
    if (regex.startsWith("^", at)) {
      at++;
    }
    while (at < regex.length() && regex.charAt(at) != ']') {
      char c = regex.charAt(at++);
      if (c == '\\') {
        if (at == regex.length()) {
          break;
        }
        escape("dDwWsS");
      } else if (c == '[' || regex.startsWith("&&", at - 1)) {
        throw wrong("inside a class \"" + c + "\" must be escaped");
      }
    }
    if (at == regex.length()) {
      throw wrong("\"[\" has no \"]\"");
    }
    at++;
    return Content.PLAIN;
  }

  private Content escape(String letters) throws SelectorException {
    if (at == regex.length()) {
      throw wrong("\"\\\" escapes nothing");
    }
    char c = regex.charAt(at++);
    boolean letterOrDigit =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letterOrDigit && letters.indexOf(c) < 0) {
      throw wrong("\"\\" + c + "\" is not allowed");
    }
    return Content.PLAIN;
  }

  private Content quantified(Content atom) throws SelectorException {
    if (at == regex.length() || "*+?{".indexOf(regex.charAt(at)) < 0) {
      return Content.PLAIN;
    }
    char c = regex.charAt(at++);
    if (c == '{') {
      counted();
    }
    if (c != '?' && (atom.repeats() || atom.alternates())) {
      throw wrong("a repeated group may hold no repetition and no alternation");
    }
    if (++repetitions > PathRegex.MAX_REPETITIONS) {
      throw wrong("at most " + PathRegex.MAX_REPETITIONS + " repetitions are allowed");
    }
    if (regex.startsWith("?", at)) {
      at++;
    }
    if (at < regex.length() && "*+?{".indexOf(regex.charAt(at)) >= 0) {
      throw wrong("a repetition cannot be repeated");
    }
    return new Content(true, false);
  }

  private void counted() throws SelectorException {
    int end = regex.indexOf('}', at);
    String count = end < 0 ? "" : regex.substring(at, end);
    if (!count.matches("[0-9]{1,3}(,[0-9]{0,3})?")) {
      throw wrong("\"{\" must be escaped, or be followed by a count such as {2} or {2,4}");
    }
    for (String number : count.split(",", -1)) {
      if (!number.isEmpty() && Integer.parseInt(number) > MAX_COUNT) {
        throw wrong("a count may be at most " + MAX_COUNT);
      }
    }
    at = end + 1;
  }

  private SelectorException wrong(String why) {
    return new SelectorException(why + " (at character " + Math.min(at, regex.length()) + ")");
  }
}
