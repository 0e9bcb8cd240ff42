// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import java.util.Map;
import java.util.TreeMap;

/**
 * How often each statement is executed while polls only wait. Of the stretches between two looks
 * those count in which no poll was answered, and in the one before neither: polls that come and go
 * do cost statements, and some of these a little later. Confined to one thread.
 */
final class QuietStatements {
  private final Map<String, Long> quietCalls = new TreeMap<>();
  private long quietNanos;

  private Map<String, Long> calls = Map.of();
  private long answers;
  private long at;
  private boolean looked;
  private boolean quiet;

  /**
   * Looks once more.
   *
   * @param callsNow of each statement so far
   * @param answersNow polls answered so far
   * @param nanosNow the time, by any clock
   */
  void look(Map<String, Long> callsNow, long answersNow, long nanosNow) {
    boolean nobody = looked && answersNow == answers;
    if (nobody && quiet) {
      quietNanos += nanosNow - at;
      callsNow.forEach((query, count) ->
          quietCalls.merge(query, count - calls.getOrDefault(query, 0L), Long::sum));
    }
    quiet = nobody;
    looked = true;
    calls = callsNow;
    answers = answersNow;
    at = nanosNow;
  }

  /** By statement: executions a second; empty if polls never only waited. */
  Map<String, Double> perSecond() {
    Map<String, Double> rates = new TreeMap<>();
    if (quietNanos > 0) {
      quietCalls.forEach((query, count) -> rates.put(query, count * 1e9 / quietNanos));
    }
    return rates;
  }
}
