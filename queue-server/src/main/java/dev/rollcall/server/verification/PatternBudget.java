// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.verification;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.regex.RegularExpression;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the patterns of one check may cost in all. Each costs time that is linear in its program and
 * in the text; a long text and many large programs are too much all the same. Confined to one
 * check, which is one thread's.
 */
final class PatternBudget {
  /** Instructions of a compiled pattern: counts such as {@code {1000}} multiply them. */
  private static final int MAX_PROGRAM = 5_000;

  /** Instructions times characters; about half a second. */
  private static final long BUDGET = 50_000_000;

  private static final ScopedValue<PatternBudget> CURRENT = ScopedValue.newInstance();

  private long left = BUDGET;

  private PatternBudget() {}

  /** Runs a check; empty when its patterns would have cost too much, and what it found is wrong. */
  static <T> Optional<T> spending(Supplier<T> check) {
    var budget = new PatternBudget();
    T found = ScopedValue.where(CURRENT, budget).call(check::get);
    return budget.left < 0 ? Optional.empty() : Optional.of(found);
  }

  /**
   * Finds the pattern anywhere in a text, at the expense of the current budget.
   *
   * @throws PatternSyntaxException when it is none that runs in linear time, or is too large
   */
  static RegularExpression find(String regex) {
    Pattern compiled = Pattern.compile(regex);
    long size = compiled.programSize();
    if (size > MAX_PROGRAM) {
      throw new PatternSyntaxException("its counts make it too large", regex);
    }
    return value ->
        CURRENT.get().pays(size * (value.length() + 1)) && compiled.matcher(value).find();
  }

  /** No exception: the library would put each into the log, with the pattern. */
  private boolean pays(long cost) {
    left = left < cost ? -1 : left - cost;
    return left >= 0;
  }
}
