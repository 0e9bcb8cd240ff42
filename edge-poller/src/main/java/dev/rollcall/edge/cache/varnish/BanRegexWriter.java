// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

/**
 * Writes an expression for PCRE from its end to its beginning: what follows a part decides how the
 * part may be written, and what it can cost.
 */
final class BanRegexWriter {
  /**
   * What the matching of a part and of everything after it can count, beginning at one place.
   *
   * @param gap is counted once for each character that is left of the URL; of gaps that follow one
   *     another only the dearest, because they share those characters
   * @param other all else
   */
  record Cost(long gap, long other) {
    private static final long CAP = Long.MAX_VALUE / 1_000_000;

    long total() {
      return capped(gap * (BanRegex.LONGEST_URL + 1) + other);
    }

    Cost plus(long more) {
      return new Cost(gap, capped(other + more));
    }

    Cost times(long times) {
      long total = total();
      return new Cost(0, total >= CAP / times ? CAP : total * times);
    }

    private static long capped(long cost) {
      return Math.min(cost, CAP);
    }
  }

  /**
   * A part with all that follows it.
   *
   * @param pcre as it is written
   * @param first with which characters it can begin
   * @param always whether it matches wherever it is tried
   */
  record Tail(String pcre, Cost cost, BitSet first, boolean always) {
    /** The end of an expression that need not end where the URL does. */
    static final Tail NOTHING = new Tail("", new Cost(0, 0), anything(), true);
  }

  private static BitSet anything() {
    BitSet out = RegexNode.all();
    out.set(RegexNode.END);
    return out;
  }

  Tail write(RegexNode node, Tail tail) {
    return switch (node) {
      case RegexNode.One one -> new Tail(one.text() + tail.pcre, tail.cost, one.chars(), false);
      case RegexNode.Assertion assertion -> assertion(assertion, tail);
      case RegexNode.Sequence sequence -> sequence(sequence.parts(), tail);
      case RegexNode.Choice choice -> choice(choice, tail);
      case RegexNode.Repeat repeat -> repeat(repeat, tail);
    };
  }

  private static Tail assertion(RegexNode.Assertion assertion, Tail tail) {
    BitSet first = (BitSet) tail.first.clone();
    if (assertion.text().equals("$")) {
      first.clear();
      first.set(RegexNode.END);
    }
    return new Tail(assertion.text() + tail.pcre, tail.cost, first, false);
  }

  private Tail sequence(List<RegexNode> parts, Tail tail) {
    Tail at = tail;
    for (int i = parts.size() - 1; i >= 0; i--) {
      int gap = gapBefore(parts, i);
      if (gap >= 0) {
        at = leap((RegexNode.Repeat) parts.get(gap), parts.subList(gap + 1, i + 1), at);
        i = gap;
      } else {
        at = write(parts.get(i), at);
      }
    }
    return at;
  }

  /**
   * Where the gap begins that ends with part {@code i}, if what lies between has one length and
   * another gap follows it; else -1.
   */
  private static int gapBefore(List<RegexNode> parts, int i) {
    if (i + 1 >= parts.size() || !isGap(parts.get(i + 1)) || isGap(parts.get(i))) {
      return -1;
    }
    int at = i;
    while (at >= 0 && !isGap(parts.get(at))) {
      if (length(parts.get(at)).isEmpty()) {
        return -1;
      }
      at--;
    }
    return at;
  }

  private static boolean isGap(RegexNode node) {
    return node instanceof RegexNode.Repeat repeat && repeat.isGap();
  }

  /** Takes the piece where it first fits: a later place could only leave less for what follows. */
  private Tail leap(RegexNode.Repeat gap, List<RegexNode> piece, Tail tail) {
    Tail inside = sequence(piece, Tail.NOTHING);
    long perCharacter = 1 + inside.cost.total();
    String least = gap.least() == 0 ? "*" : "{" + gap.least() + ",}";
    return new Tail(
        "(?>." + least + "?" + inside.pcre + ")" + tail.pcre,
        new Cost(Math.max(tail.cost.gap, perCharacter), Cost.capped(tail.cost.other + 1)),
        RegexNode.all(),
        false);
  }

  private Tail choice(RegexNode.Choice choice, Tail tail) {
    List<Tail> options = new ArrayList<>();
    Tail after = new Tail("", tail.cost.plus(1), tail.first, tail.always);
    for (RegexNode option : choice.options()) {
      options.add(write(option, after));
    }
    String pcre = "(?:" + String.join("|", options.stream().map(Tail::pcre).toList()) + ")";
    var first = new BitSet();
    boolean exclusive = true;
    long sum = 0;
    long most = 0;
    for (Tail option : options) {
      exclusive &= !first.intersects(option.first);
      first.or(option.first);
      sum = Cost.capped(sum + option.cost.total());
      most = Math.max(most, option.cost.total());
    }
    boolean always = options.stream().anyMatch(Tail::always);
    return new Tail(pcre + tail.pcre, new Cost(0, exclusive ? most : sum), first, always);
  }

  private Tail repeat(RegexNode.Repeat repeat, Tail tail) {
    return repeat.what() instanceof RegexNode.One one
        ? repeatOne(repeat, one, tail)
        : repeatGroup(repeat, tail);
  }

  private static Tail repeatOne(RegexNode.Repeat repeat, RegexNode.One one, Tail tail) {
    boolean possessive = tail.always || !one.chars().intersects(tail.first);
    String pcre = one.text() + quantifier(repeat) + (possessive ? "+" : "") + tail.pcre;
    Cost cost = possessive ? tail.cost.plus(steps(repeat)) : tried(repeat, tail.cost);
    return new Tail(
        pcre, cost, union(repeat, one.chars(), tail), repeat.least() == 0 && tail.always);
  }

  /** What follows is tried after each length that the repetition can have. */
  private static Cost tried(RegexNode.Repeat repeat, Cost tail) {
    Cost each = tail.plus(steps(repeat));
    if (repeat.most() != RegexNode.UNBOUNDED) {
      return each.times(repeat.most() - repeat.least() + 1L);
    }
    return each.gap == 0 ? new Cost(each.other, 1) : each.times(BanRegex.LONGEST_URL + 1L);
  }

  /** PCRE2 splits {@code {2,}} and {@code {2,5}} into two: what must be there, and what may be. */
  private static long steps(RegexNode.Repeat repeat) {
    return repeat.least() >= 2 && repeat.most() > repeat.least() ? 2 : 1;
  }

  /** What is repeated more than once has one length: the portable subset allows nothing else. */
  private Tail repeatGroup(RegexNode.Repeat repeat, Tail tail) {
    Tail inside = write(repeat.what(), Tail.NOTHING);
    if (repeat.most() == 1) {
      return optional(repeat, inside, tail);
    }
    long rounds = Math.min(repeat.most(), BanRegex.LONGEST_URL + 1L);
    boolean possessive = tail.always || !inside.first.intersects(tail.first);
    String pcre =
        "(?:" + inside.pcre + ")" + quantifier(repeat) + (possessive ? "+" : "") + tail.pcre;
    long ownCost = Cost.capped(rounds * (1 + inside.cost.total()));
    Cost cost =
        possessive ? tail.cost.plus(ownCost) : tail.cost.plus(1).times(rounds + 1).plus(ownCost);
    return new Tail(
        pcre, cost, union(repeat, inside.first, tail), repeat.least() == 0 && tail.always);
  }

  private Tail optional(RegexNode.Repeat repeat, Tail inside, Tail tail) {
    Tail with = write(repeat.what(), new Tail("", tail.cost.plus(1), tail.first, tail.always));
    boolean exclusive = !inside.first.intersects(tail.first);
    long taken = with.cost.total();
    long skipped = tail.cost.total();
    return new Tail(
        "(?:" + with.pcre + ")" + quantifier(repeat) + tail.pcre,
        new Cost(0, Cost.capped(exclusive ? Math.max(taken, skipped) + 1 : taken + skipped + 1)),
        union(repeat, inside.first, tail),
        repeat.least() == 0 && tail.always);
  }

  private static BitSet union(RegexNode.Repeat repeat, BitSet first, Tail tail) {
    var out = (BitSet) first.clone();
    if (repeat.least() == 0) {
      out.or(tail.first);
    }
    return out;
  }

  private static String quantifier(RegexNode.Repeat repeat) {
    if (repeat.most() == RegexNode.UNBOUNDED) {
      return repeat.least() == 0 ? "*" : repeat.least() == 1 ? "+" : "{" + repeat.least() + ",}";
    }
    return repeat.least() == 0 && repeat.most() == 1
        ? "?"
        : "{" + repeat.least() + "," + repeat.most() + "}";
  }

  /** The one length of all that a node matches; empty when there are several. */
  private static OptionalInt length(RegexNode node) {
    return switch (node) {
      case RegexNode.One one -> OptionalInt.of(1);
      case RegexNode.Assertion assertion -> OptionalInt.of(0);
      case RegexNode.Sequence sequence -> {
        int sum = 0;
        for (RegexNode part : sequence.parts()) {
          OptionalInt length = length(part);
          if (length.isEmpty()) {
            yield length;
          }
          sum += length.getAsInt();
        }
        yield OptionalInt.of(sum);
      }
      case RegexNode.Choice choice -> {
        List<OptionalInt> lengths =
            choice.options().stream().map(BanRegexWriter::length).distinct().toList();
        yield lengths.size() == 1 ? lengths.getFirst() : OptionalInt.empty();
      }
      case RegexNode.Repeat(RegexNode what, int least, int most) -> {
        OptionalInt length = length(what);
        yield length.isPresent() && least == most
            ? OptionalInt.of(length.getAsInt() * least)
            : OptionalInt.empty();
      }
    };
  }
}
