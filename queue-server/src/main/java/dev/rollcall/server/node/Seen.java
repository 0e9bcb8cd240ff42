// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.node;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** The commands of the last while that this node has heard of. Thread-safe. */
final class Seen {
  /** Enough for half a minute of 3,000 commands a second; then the oldest are forgotten. */
  private static final int MOST = 100_000;

  @GuardedBy("this")
  private final TreeSet<Long> seqs = new TreeSet<>();

  synchronized void add(Collection<Long> heard) {
    seqs.addAll(heard);
    while (seqs.size() > MOST) {
      seqs.pollFirst();
    }
  }

  /**
   * Which of these are news; from now on none of them is.
   *
   * @param window all there are in the window, in their order; what lies before it is forgotten
   */
  synchronized List<Long> news(List<Long> window) {
    List<Long> news = new ArrayList<>();
    for (Long seq : window) {
      if (seqs.add(seq)) {
        news.add(seq);
      }
    }
    if (!window.isEmpty()) {
      seqs.headSet(window.getFirst()).clear();
    }
    return news;
  }
}
