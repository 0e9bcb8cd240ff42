// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.history;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a run broke: how often each promise, with a few examples. Confined to one thread. */
public final class Violations {
  private static final int MOST_EXAMPLES = 5;

  /** The promises that are checked. */
  public enum Promise {
    LOST("what was accepted is there, with all its executions, and has ended"),
    DOUBLED("an execution ends once, and is not handed out after its end"),
    MISCOUNTED("counters equal results, and results equal the verdicts that edges got"),
    OUT_OF_ORDER("within a server, lane and key the first hand-out follows the acceptance"),
    KEY_SHARED("one poll holds a key of a server at a time"),
    FENCING("one live lease for an execution; only its current number is accepted"),
    LEFT_OVER("nothing stays in the queue"),
    NOT_ANSWERED("each poll is answered, and each result gets a verdict that fits it");

    private final String meaning;

    Promise(String meaning) {
      this.meaning = meaning;
    }

    public String meaning() {
      return meaning;
    }
  }

  private static final class Broken {
    private long count;
    private final List<String> examples = new ArrayList<>();
  }

  private final Map<Promise, Broken> broken = new EnumMap<>(Promise.class);

  public void add(Promise promise, String example) {
    add(promise, 1, example);
  }

  public void add(Promise promise, long count, String example) {
    Broken entry = broken.computeIfAbsent(promise, p -> new Broken());
    entry.count += count;
    if (entry.examples.size() < MOST_EXAMPLES) {
      entry.examples.add(example);
    }
  }

  public boolean isEmpty() {
    return broken.isEmpty();
  }

  public long count(Promise promise) {
    Broken entry = broken.get(promise);
    return entry == null ? 0 : entry.count;
  }

  /** Which promises were broken. */
  public Set<Promise> promises() {
    return Set.copyOf(broken.keySet());
  }

  /** For a person: one line for each promise, broken or kept, with examples below. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    for (Promise promise : Promise.values()) {
      Broken entry = broken.get(promise);
      text.append(entry == null ? "  kept    " : "  BROKEN  ")
          .append(promise.meaning)
          .append(entry == null ? "" : " (" + entry.count + " times)")
          .append('\n');
      if (entry != null) {
        entry.examples.forEach(example -> text.append("            ").append(example).append('\n'));
      }
    }
    return text.toString();
  }
}
