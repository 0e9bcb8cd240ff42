// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.measure.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** What went on besides in some round, so that its figures may differ from the others'. */
final class Disturbances {
  private static final double MOST_STRANGERS = 0.05;

  private Disturbances() {}

  /** For each kind of them a line, and the steps and rounds below it. */
  static List<String> lines(Map<Step, List<Usage>> usages) {
    List<String> lines = new ArrayList<>();
    add(lines, usages, "other processes used above 5 %", u -> u.strangers() > MOST_STRANGERS);
    add(lines, usages, "a checkpoint ended", u -> u.upkeep().checkpoint());
    add(lines, usages, "autovacuum was at work", u -> u.upkeep().vacuums() > 0);
    return lines;
  }

  private static void add(
      List<String> lines, Map<Step, List<Usage>> usages, String what, Predicate<Usage> disturbed) {
    List<String> found = new ArrayList<>();
    usages.forEach((step, ofRounds) -> {
      List<String> rounds =
          IntStream.range(0, ofRounds.size())
              .filter(round -> disturbed.test(ofRounds.get(round)))
              .mapToObj(round -> String.valueOf(round + 1))
              .toList();
      if (!rounds.isEmpty()) {
        found.add("  " + step.label() + ": round " + String.join(", ", rounds));
      }
    });
    lines.add(what + (found.isEmpty() ? " in no round" : " in"));
    lines.addAll(found);
  }
}
