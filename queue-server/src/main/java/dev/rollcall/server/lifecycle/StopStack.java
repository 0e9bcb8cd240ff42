// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.lifecycle;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been started, to be stopped in reverse; also after a start that failed half-way. A stop
 * that fails does not keep the others from being stopped. Confined to one thread at a time.
 */
public final class StopStack implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StopStack.class);

  private record Entry(String name, AutoCloseable part) {}

  private final Deque<Entry> started = new ArrayDeque<>();

  /** Notes a part to be stopped before all that were noted earlier. */
  public <T extends AutoCloseable> T push(String name, T part) {
    started.push(new Entry(name, part));
    return part;
  }

  @Override
  public void close() {
    while (!started.isEmpty()) {
      Entry entry = started.pop();
      try {
        entry.part().close();
      } catch (Exception e) {
        LOG.error("{} did not stop cleanly", entry.name(), e);
      }
    }
  }
}
