// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fleet;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What went wrong between edges and server, counted by what was said. Thread-safe. */
public final class Complaints {
  private static final int MOST_KINDS = 50;
  private static final int LONGEST = 200;

  private final ConcurrentHashMap<String, LongAdder> counts = new ConcurrentHashMap<>();

  void add(String said) {
    String kind = said.length() > LONGEST ? said.substring(0, LONGEST) : said;
    if (counts.size() >= MOST_KINDS && !counts.containsKey(kind)) {
      kind = "other";
    }
    counts.computeIfAbsent(kind, k -> new LongAdder()).increment();
  }

  /** How often each thing was said. */
  public Map<String, Long> counts() {
    Map<String, Long> sorted = new TreeMap<>();
    counts.forEach((kind, count) -> sorted.put(kind, count.sum()));
    return sorted;
  }
}
