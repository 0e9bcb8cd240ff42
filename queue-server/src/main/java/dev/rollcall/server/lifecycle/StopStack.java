// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.lifecycle;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been started, to be stopped in reverse; also after a start that failed half-way. A stop
 * that fails, or that hangs, does not keep the others from being stopped. Confined to one thread at
 * a time.
 */
public final class StopStack implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StopStack.class);
  private static final Duration AMPLE = Duration.ofMinutes(1);
  private static final Duration SHORTEST = Duration.ofMillis(100);

  private record Entry(String name, AutoCloseable part) {}

  private final Deque<Entry> started = new ArrayDeque<>();

  /** Notes a part to be stopped before all that were noted earlier. */
  public <T extends AutoCloseable> T push(String name, T part) {
    started.push(new Entry(name, part));
    return part;
  }

  @Override
  public void close() {
    close(AMPLE);
  }

  /**
   * Stops everything in so much time, or in a tenth of a second for each part if that is longer.
   * Each part may take a tenth of a second and half of what is then left over; one that takes
   * longer is left behind in its thread. So many parts that hang, all waiting for a database that
   * does not answer, still leave time for the one below them that would stop at once.
   */
  public void close(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (!started.isEmpty()) {
      long kept = SHORTEST.toNanos() * started.size();
      long over = Math.max(0, end - System.nanoTime() - kept);
      close(started.pop(), SHORTEST.plusNanos(over / 2));
    }
  }

  private static void close(Entry entry, Duration patience) {
    Thread stopping =
        Thread.ofPlatform()
            .name("rollcall-stop-part")
            .daemon()
            .start(() -> {
              try {
                entry.part().close();
              } catch (Exception e) {
                LOG.error("{}: not stopped cleanly", entry.name(), e);
              }
            });
    try {
      if (!stopping.join(patience)) {
        LOG.warn("{}: not stopped after {} ms, left behind", entry.name(), patience.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
