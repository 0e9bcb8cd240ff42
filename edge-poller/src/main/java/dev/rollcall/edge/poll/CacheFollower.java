// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.poll;

import dev.rollcall.edge.execute.Work;

/**
 * Sees to it that the conversation is at once of what the cache has become: when it went, what has
 * not begun is given back and nothing is asked for; when it is back, work is.
 */
final class CacheFollower {
  private final Work work;
  private final PollLoop loop;
  private long seen;

  CacheFollower(Work work, PollLoop loop) {
    this.work = work;
    this.loop = loop;
  }

  void turn() throws InterruptedException {
    seen = work.cache().awaitChange(seen);
    if (work.cache().isLost()) {
      work.setAside();
    }
    loop.askAnew(seen);
  }
}
