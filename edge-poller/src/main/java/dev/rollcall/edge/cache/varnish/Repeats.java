// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.edge.cache.exchange.Request;
import dev.rollcall.edge.lifecycle.Background;
import dev.rollcall.edge.lifecycle.Ticker;
import dev.rollcall.edge.telemetry.Log;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Bans once more what was being fetched when a ban came: Varnish tests an object only against bans
 * that are younger than it, and a fetch that began before a ban gets its age when the origin
 * answers, after it. Thread-safe.
 *
 * <p>Not journalled: what a crash loses are repetitions for fetches of the last minute.
 */
final class Repeats {
  /** Soon, for the usual fetch; and when even the slowest has timed out at its default. */
  static final List<Duration> AFTER = List.of(Duration.ofSeconds(2), Duration.ofSeconds(65));

  private static final Log LOG = Log.of("varnish");
  private static final int MOST = 20_000;

  private record Repeat(long dueNanos, Request request) {}

  /** Sends one; what goes wrong with it is its own business. */
  @FunctionalInterface
  interface Sender {
    void send(Request request) throws InterruptedException;
  }

  private final Ticker ticker;
  private final List<Duration> after;
  private final Sender sender;
  private final Background loop;
  private final Object lock = new Object();

  /** One queue for each delay, so that each is in order by itself. */
  @GuardedBy("lock")
  private final List<Deque<Repeat>> queues;

  Repeats(Ticker ticker, List<Duration> after, Sender sender) {
    this.ticker = ticker;
    this.after = after;
    this.queues = after.stream().<Deque<Repeat>>map(_ -> new ArrayDeque<>()).toList();
    this.sender = sender;
    this.loop = new Background("varnish-repeats", LOG, this::turn);
  }

  void start() {
    loop.start();
  }

  /**
   * @param millis when Varnish took the ban, by its own clock
   */
  void add(Ban ban, long millis) {
    Request request = ban.repeated(millis);
    long now = ticker.nanos();
    synchronized (lock) {
      for (int i = 0; i < queues.size(); i++) {
        Deque<Repeat> queue = queues.get(i);
        queue.addLast(new Repeat(now + after.get(i).toNanos(), request));
        if (queue.size() > MOST) {
          queue.removeFirst();
        }
      }
      lock.notifyAll();
    }
  }

  private void turn() throws InterruptedException {
    Request due;
    synchronized (lock) {
      due = takeDue();
      while (due == null) {
        long left = nanosToNext();
        if (left < 0) {
          lock.wait();
        } else {
          lock.wait(left / 1_000_000 + 1);
        }
        due = takeDue();
      }
    }
    sender.send(due);
  }

  @GuardedBy("lock")
  private @Nullable Request takeDue() {
    for (Deque<Repeat> queue : queues) {
      Repeat first = queue.peekFirst();
      if (first != null && first.dueNanos - ticker.nanos() <= 0) {
        return queue.removeFirst().request;
      }
    }
    return null;
  }

  /** Below zero: there is none. */
  @GuardedBy("lock")
  private long nanosToNext() {
    long least = -1;
    for (Queue<Repeat> queue : queues) {
      Repeat first = queue.peek();
      if (first != null) {
        long left = Math.max(0, first.dueNanos - ticker.nanos());
        least = least < 0 ? left : Math.min(least, left);
      }
    }
    return least;
  }

  /** Sends what is left at once: better early than never. */
  void stop(Duration most) throws InterruptedException {
    loop.stop(Duration.ofSeconds(1));
    long end = ticker.nanos() + most.toNanos();
    for (Request left = takeAny(); left != null; left = takeAny()) {
      if (ticker.nanos() - end >= 0) {
        return;
      }
      sender.send(left);
    }
  }

  private @Nullable Request takeAny() {
    synchronized (lock) {
      queues.getFirst().clear();
      Repeat last = queues.getLast().pollFirst();
      return last == null ? null : last.request;
    }
  }
}
