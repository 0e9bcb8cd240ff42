// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import dev.rollcall.protocol.selector.PathRegex;
import dev.rollcall.protocol.selector.SelectorException;
import java.util.random.RandomGenerator;

/** Draws expressions of the portable subset over a small alphabet, so that they often match. */
final class RandomRegex {
  private static final String[] ATOMS = {
    "a", "b", "c", ".", "[ab]", "[^a]", "\\w", "\\d", "[a-c1]", "/", "1", "\\."
  };
  private static final String[] REPEATS = {
    "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?", "{0,1}"
  };

  private RandomRegex() {}

  static PathRegex next(RandomGenerator random) {
    while (true) {
      String body = sequence(random, 2);
      String regex =
          (random.nextInt(6) == 0 ? "(?i)" : "")
              + (random.nextBoolean() ? "^/" : "")
              + body
              + (random.nextInt(3) == 0 ? "$" : "");
      try {
        return PathRegex.parse(regex);
      } catch (SelectorException e) {
        // Not of the subset: draw again.
      }
    }
  }

  private static String sequence(RandomGenerator random, int depth) {
    var out = new StringBuilder();
    int parts = 1 + random.nextInt(5);
    for (int i = 0; i < parts; i++) {
      out.append(part(random, depth));
      if (random.nextInt(3) == 0) {
        out.append(REPEATS[random.nextInt(REPEATS.length)]);
      }
    }
    return out.toString();
  }

  private static String part(RandomGenerator random, int depth) {
    int kind = random.nextInt(12);
    if (kind == 0) {
      return ".*";
    }
    if (kind == 1) {
      return random.nextBoolean() ? "\\b" : "\\B";
    }
    if (kind < 5 && depth > 0) {
      String options = sequence(random, depth - 1);
      for (int i = random.nextInt(3); i > 0; i--) {
        options += "|" + sequence(random, depth - 1);
      }
      return (random.nextBoolean() ? "(" : "(?:") + options + ")";
    }
    return ATOMS[random.nextInt(ATOMS.length)];
  }

  /** Over the same alphabet. */
  static String text(RandomGenerator random, int most) {
    var out = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      out.append("aabbcc/1.?Z".charAt(random.nextInt(11)));
    }
    return out.toString();
  }
}
