// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import dev.rollcall.protocol.selector.PathRegex;
import java.util.BitSet;
import java.util.Optional;

/**
 * An expression as it may stand in a ban.
 *
 * <p>PCRE2 backtracks, and counts how often it goes forward again. Varnish 7.1 asserts that this
 * count stays below {@code pcre2_match_limit} when it tests a ban; where it does not, the cache
 * process ends. So an expression is rewritten to match the same URLs with as little backtracking as
 * possible, and taken only if the most it could ever count, for the longest URL that is kept and
 * for each place where a match may begin, is below the default limit:
 *
 * <ul>
 *   <li>a repetition that what follows it cannot begin inside of is made possessive;
 *   <li>in {@code .*P.*} the piece P is taken where it first fits, as an atomic group, if all it
 *       can match has one length.
 * </ul>
 *
 * @param pcre what is given to Varnish
 * @param cost the most it counts
 */
record BanRegex(String pcre, long cost) {
  /** The longest URL that the VCL keeps, in characters. */
  static final int LONGEST_URL = 1_800;

  /** What the VCL makes sure of before it bans; the default limit is 10,000. */
  static final long MOST_COST = 9_500;

  /** Empty for an expression that could exceed the limit. */
  static Optional<BanRegex> of(PathRegex regex) {
    boolean ignoreCase = regex.regex().startsWith("(?i)");
    String body = ignoreCase ? regex.regex().substring(4) : regex.regex();
    RegexNode node = RegexParser.parse(body, ignoreCase);
    BanRegexWriter.Tail written = new BanRegexWriter().write(node, BanRegexWriter.Tail.NOTHING);
    long cost = written.cost().total();
    return cost > MOST_COST
        ? Optional.empty()
        : Optional.of(new BanRegex((ignoreCase ? "(?i)" : "") + written.pcre(), cost));
  }

  /**
   * The longest text with which everything begins that the expression matches; {@code "/"} when
   * there is none.
   */
  static String literalPrefix(PathRegex regex) {
    var out = new StringBuilder();
    if (regex.regex().startsWith("^")
        && RegexParser.parse(regex.regex().substring(1), false) instanceof RegexNode.Sequence s) {
      for (RegexNode part : s.parts()) {
        if (!(part instanceof RegexNode.One(String text, BitSet chars))
            || chars.cardinality() != 1) {
          break;
        }
        out.append((char) chars.nextSetBit(0));
      }
    }
    return out.isEmpty() ? "/" : out.toString();
  }

  /** Quotes text so that it stands for itself in PCRE. */
  static String quoted(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "/-_~%:@!&',;=".indexOf(c) >= 0;
      out.append(plain ? "" : "\\").append(c);
    }
    return out.toString();
  }
}
