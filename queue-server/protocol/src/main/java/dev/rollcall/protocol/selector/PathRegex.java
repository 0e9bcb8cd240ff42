// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.rollcall.protocol.json.Problems;
import java.util.function.Predicate;

/**
 * A regular expression over path and query that matches anywhere in them unless it is anchored.
 *
 * <p>Only what every engine reads alike is accepted, and only what no engine can be slow at: no
 * look-around, no back references, no repetition or alternation inside a repeated group, at most
 * {@link #MAX_REPETITIONS} repetitions. A cache may hold it to its objects with a backtracking
 * engine; here it always runs on a linear-time one.
 *
 * @param regex as it was given, printable ASCII without spaces, at most {@link #MAX_LENGTH}
 *     characters
 */
public record PathRegex(String regex) {
  /** Longest expression, in characters. */
  public static final int MAX_LENGTH = 1_000;

  /** Most {@code * + ? {n,m}} in one expression. */
  public static final int MAX_REPETITIONS = 10;

  /** Reads an expression of the portable subset. */
  public static PathRegex parse(String regex) throws SelectorException {
    if (regex.isEmpty() || regex.length() > MAX_LENGTH) {
      throw refused(regex, "1 to " + MAX_LENGTH + " characters are allowed");
    }
    String body = regex.startsWith("(?i)") ? regex.substring(4) : regex;
    try {
      new PortableRegex(body).check();
      Pattern.compile(regex);
    } catch (SelectorException e) {
      throw refused(regex, e.getMessage());
    } catch (PatternSyntaxException e) {
      throw refused(regex, e.getDescription());
    }
    return new PathRegex(regex);
  }

  /** Compiled once: whether an object's path and query fall under this. Thread-safe. */
  public Predicate<String> matcher() {
    Pattern compiled = Pattern.compile(regex);
    return path -> compiled.matcher(path).find();
  }

  private static SelectorException refused(
      String regex, @org.jspecify.annotations.Nullable String why) {
    return new SelectorException("regex " + Problems.shown(regex) + ": " + why);
  }
}
