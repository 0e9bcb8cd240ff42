// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import java.util.BitSet;
import java.util.List;

/** The parts of an expression of the portable subset. */
sealed interface RegexNode {
  /** The characters of a normalised URL, and no others: the VCL keeps nothing else. */
  int FIRST = 0x21;

  int LAST = 0x7e;

  /** Stands in a set of characters for the end of the URL. */
  int END = 0x7f;

  /** More repetitions than this: any number. */
  int UNBOUNDED = Integer.MAX_VALUE;

  /**
   * One character.
   *
   * @param text as it is written
   */
  record One(String text, BitSet chars) implements RegexNode {}

  /**
   * No character: {@code ^}, {@code $}, {@code \b} or {@code \B}.
   *
   * @param text as it is written
   */
  record Assertion(String text) implements RegexNode {}

  record Sequence(List<RegexNode> parts) implements RegexNode {}

  record Choice(List<RegexNode> options) implements RegexNode {}

  /**
   * @param most {@link #UNBOUNDED} for any number
   */
  record Repeat(RegexNode what, int least, int most) implements RegexNode {
    /** {@code .*} and its like: whatever comes first, it may be skipped. */
    boolean isGap() {
      return most == UNBOUNDED && what instanceof One one && one.chars().equals(all());
    }
  }

  static BitSet all() {
    var out = new BitSet();
    out.set(FIRST, LAST + 1);
    return out;
  }
}
