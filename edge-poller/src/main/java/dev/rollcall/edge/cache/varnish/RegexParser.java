// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Reads an expression that is known to be of the portable subset, so nothing can be wrong with it.
 * Confined to one call.
 */
final class RegexParser {
  private final String regex;
  private final boolean ignoreCase;
  private int at;

  private RegexParser(String regex, boolean ignoreCase) {
    this.regex = regex;
    this.ignoreCase = ignoreCase;
  }

  /**
   * @param body without {@code (?i)}
   */
  static RegexNode parse(String body, boolean ignoreCase) {
    return new RegexParser(body, ignoreCase).choice();
  }

  private RegexNode choice() {
    List<RegexNode> options = new ArrayList<>();
    options.add(sequence());
    while (more() && regex.charAt(at) == '|') {
      at++;
      options.add(sequence());
    }
    return options.size() == 1 ? options.getFirst() : new RegexNode.Choice(options);
  }

  private RegexNode sequence() {
    List<RegexNode> parts = new ArrayList<>();
    while (more() && "|)".indexOf(regex.charAt(at)) < 0) {
      parts.add(repeated(atom()));
    }
    return new RegexNode.Sequence(parts);
  }

  private boolean more() {
    return at < regex.length();
  }

  private RegexNode atom() {
    int start = at;
    char c = regex.charAt(at++);
    return switch (c) {
      case '(' -> group();
      case '[' -> characterClass(start);
      case '^', '$' -> new RegexNode.Assertion(String.valueOf(c));
      case '.' -> new RegexNode.One(".", RegexNode.all());
      case '\\' -> escape(start);
      default -> new RegexNode.One(String.valueOf(c), cased(single(c)));
    };
  }

  private RegexNode group() {
    if (regex.startsWith("?:", at)) {
      at += 2;
    }
    RegexNode content = choice();
    at++;
    return content;
  }

  private RegexNode escape(int start) {
    char c = regex.charAt(at++);
    String text = regex.substring(start, at);
    return c == 'b' || c == 'B'
        ? new RegexNode.Assertion(text)
        : new RegexNode.One(text, cased(escaped(c)));
  }

  private static BitSet escaped(char c) {
    var out = new BitSet();
    switch (Character.toLowerCase(c)) {
      case 'd' -> out.set('0', '9' + 1);
      case 's' -> out.clear(); // no white space in a URL
      case 'w' -> {
        out.set('0', '9' + 1);
        out.set('A', 'Z' + 1);
        out.set('a', 'z' + 1);
        out.set('_');
      }
      default -> {
        return single(c);
      }
    }
    return Character.isUpperCase(c) ? inverted(out) : out;
  }

  private RegexNode characterClass(int start) {
    boolean negated = regex.charAt(at) == '^';
    if (negated) {
      at++;
    }
    var chars = new BitSet();
    while (regex.charAt(at) != ']') {
      BitSet one = classMember();
      if (regex.charAt(at) == '-' && regex.charAt(at + 1) != ']' && one.cardinality() == 1) {
        at++;
        chars.set(one.nextSetBit(0), classMember().length());
      } else {
        chars.or(one);
      }
    }
    at++;
    chars = cased(chars);
    chars.and(RegexNode.all());
    return new RegexNode.One(regex.substring(start, at), negated ? inverted(chars) : chars);
  }

  private BitSet classMember() {
    char c = regex.charAt(at++);
    return c == '\\' ? escaped(regex.charAt(at++)) : single(c);
  }

  private RegexNode repeated(RegexNode atom) {
    if (!more() || "*+?{".indexOf(regex.charAt(at)) < 0) {
      return atom;
    }
    char c = regex.charAt(at++);
    RegexNode repeat =
        switch (c) {
          case '*' -> new RegexNode.Repeat(atom, 0, RegexNode.UNBOUNDED);
          case '+' -> new RegexNode.Repeat(atom, 1, RegexNode.UNBOUNDED);
          case '?' -> new RegexNode.Repeat(atom, 0, 1);
          default -> counted(atom);
        };
    if (more() && regex.charAt(at) == '?') {
      at++; // lazy or greedy: whether anything matches is the same
    }
    return repeat;
  }

  private RegexNode counted(RegexNode atom) {
    int end = regex.indexOf('}', at);
    String[] numbers = regex.substring(at, end).split(",", -1);
    at = end + 1;
    int least = Integer.parseInt(numbers[0]);
    int most =
        numbers.length == 1
            ? least
            : numbers[1].isEmpty() ? RegexNode.UNBOUNDED : Integer.parseInt(numbers[1]);
    return new RegexNode.Repeat(atom, least, most);
  }

  private BitSet cased(BitSet chars) {
    if (!ignoreCase) {
      return chars;
    }
    var out = (BitSet) chars.clone();
    for (int c = 'a'; c <= 'z'; c++) {
      int upper = c - 'a' + 'A';
      if (chars.get(c) || chars.get(upper)) {
        out.set(c);
        out.set(upper);
      }
    }
    return out;
  }

  private static BitSet single(char c) {
    var out = new BitSet();
    out.set(c);
    return out;
  }

  private static BitSet inverted(BitSet chars) {
    BitSet out = RegexNode.all();
    out.andNot(chars);
    return out;
  }
}
