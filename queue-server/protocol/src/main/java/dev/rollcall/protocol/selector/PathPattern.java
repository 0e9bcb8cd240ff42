// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import com.google.re2j.Pattern;
import dev.rollcall.protocol.json.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A glob over path and query, by RFC 8007 section 5.2.4: {@code *} stands for any run of
 * characters, also an empty one; {@code ?} for exactly one; {@code $$}, {@code $*} and {@code $?}
 * for themselves. It matches the whole of what it is held against.
 *
 * @param pattern as it was given, at most {@link #MAX_LENGTH} characters
 * @param caseSensitive whether upper and lower case differ
 * @param matchQuery false: the query is dropped before comparing
 * @param chunks the literal pieces between the stars, each a list of characters where null is one
 *     free character; always one more than there are stars
 */
public record PathPattern(
    String pattern, boolean caseSensitive, boolean matchQuery, List<String> chunks) {
  /** Longest pattern, in characters. */
  public static final int MAX_LENGTH = 1_000;

  /** Stands for one free character inside a chunk; cannot occur in a normalised path. */
  public static final char ANY_ONE = '\0';

  /** More stars than this are refused: each costs a cache another pass over the URL. */
  public static final int MAX_STARS = 10;

  /** Reads a glob whose literal parts are brought to the same normal form as a URL's path. */
  public static PathPattern parse(String pattern, boolean caseSensitive, boolean matchQuery)
      throws SelectorException {
    if (pattern.isEmpty() || pattern.length() > MAX_LENGTH) {
      throw refused(pattern, "1 to " + MAX_LENGTH + " characters are allowed");
    }
    List<String> chunks = chunks(pattern);
    if (chunks.size() - 1 > MAX_STARS) {
      throw refused(pattern, "at most " + MAX_STARS + " \"*\" are allowed");
    }
    if (!chunks.getFirst().startsWith("/") && !(chunks.size() > 1 && chunks.getFirst().isEmpty())) {
      throw refused(pattern, "a pattern matches path and query and begins with \"/\" or \"*\"");
    }
    return new PathPattern(pattern, caseSensitive, matchQuery, chunks);
  }

  private static List<String> chunks(String pattern) throws SelectorException {
    List<String> chunks = new ArrayList<>();
    var chunk = new StringBuilder();
    var literal = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '$') {
        i++;
        if (i == pattern.length() || "$*?".indexOf(pattern.charAt(i)) < 0) {
          throw refused(pattern, "\"$\" must be followed by \"$\", \"*\" or \"?\"");
        }
        literal.append(pattern.charAt(i));
      } else if (c == '?') {
        chunk.append(encoded(literal, pattern)).append(ANY_ONE);
      } else if (c == '*') {
        chunk.append(encoded(literal, pattern));
        if (chunks.isEmpty() || !chunk.isEmpty()) {
          chunks.add(chunk.toString());
        }
        chunk.setLength(0);
      } else {
        literal.append(c);
      }
    }
    chunks.add(chunk.append(encoded(literal, pattern)).toString());
    return List.copyOf(chunks);
  }

  private static String encoded(StringBuilder literal, String pattern) throws SelectorException {
    try {
      return PathAndQuery.encode(literal.toString(), ":@/?");
    } catch (SelectorException e) {
      throw refused(pattern, "outside the wildcards only what a URL may hold is allowed");
    } finally {
      literal.setLength(0);
    }
  }

  /** The same as a regular expression for a linear-time engine, anchored at both ends. */
  public String toRegex() {
    var out = new StringBuilder(caseSensitive ? "^" : "(?i)^");
    for (int i = 0; i < chunks.size(); i++) {
      if (i > 0) {
        out.append(".*");
      }
      appendChunk(out, chunks.get(i));
    }
    return out.append('$').toString();
  }

  /**
   * The same for a backtracking engine that knows atomic groups (PCRE): each piece is taken where
   * it first fits and never tried again, which for a glob finds every match and costs linear time.
   */
  public String toAtomicRegex() {
    var out = new StringBuilder(caseSensitive ? "^" : "(?i)^");
    appendChunk(out, chunks.getFirst());
    for (int i = 1; i < chunks.size(); i++) {
      if (i == chunks.size() - 1) {
        out.append(".*");
        appendChunk(out, chunks.get(i));
      } else {
        out.append("(?>.*?");
        appendChunk(out, chunks.get(i));
        out.append(')');
      }
    }
    return out.append('$').toString();
  }

  private static void appendChunk(StringBuilder out, String chunk) {
    for (int i = 0; i < chunk.length(); i++) {
      char c = chunk.charAt(i);
      if (c == ANY_ONE) {
        out.append('.');
      } else if (isPlain(c)) {
        out.append(c);
      } else {
        out.append('\\').append(c);
      }
    }
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "/-_~%:@!&',;=".indexOf(c) >= 0;
  }

  /** Compiled once: whether an object's path and query fall under this. Thread-safe. */
  public Predicate<String> matcher() {
    Pattern compiled = Pattern.compile(toRegex());
    return path -> compiled.matches(matchQuery ? path : withoutQuery(path));
  }

  private static String withoutQuery(String pathAndQuery) {
    int question = pathAndQuery.indexOf('?');
    return question < 0 ? pathAndQuery : pathAndQuery.substring(0, question);
  }

  private static SelectorException refused(String pattern, String why) {
    return new SelectorException("pattern " + Problems.shown(pattern) + ": " + why);
  }
}
