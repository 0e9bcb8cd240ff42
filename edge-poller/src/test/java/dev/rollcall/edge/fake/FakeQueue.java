// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.fake;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.edge.PollAnswer.VerdictItem;
import dev.rollcall.protocol.edge.PollRequest;
import dev.rollcall.protocol.edge.ResultItem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The queue of one edge server, with the edge protocol's rules: results are settled before anything
 * is leased, a key is held by any live lease in it, a run comes in order, a new poll of an instance
 * answers its earlier one. Thread-safe.
 */
final class FakeQueue {
  private static final class Held {
    private final PollAnswer.Execution execution;
    private long lease;
    private int attempt;
    private long leasedUntil;
    private long answered;
    private @Nullable ResultItem end;
    private boolean cancelled;
    private boolean told;

    private Held(PollAnswer.Execution execution) {
      this.execution = execution;
    }

    private boolean live(long now) {
      return end == null && lease > 0 && leasedUntil - now > 0;
    }
  }

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<String, Held> queue = new LinkedHashMap<>();

  @GuardedBy("lock")
  private final Map<String, Long> parkedBy = new HashMap<>();

  @GuardedBy("lock")
  private final List<ResultItem> results = new ArrayList<>();

  @GuardedBy("lock")
  private final List<ResultItem> counted = new ArrayList<>();

  @GuardedBy("lock")
  private final List<VerdictItem> verdicts = new ArrayList<>();

  @GuardedBy("lock")
  private boolean closing;

  void submit(List<PollAnswer.Execution> executions) {
    synchronized (lock) {
      for (PollAnswer.Execution execution : executions) {
        queue.put(execution.command(), new Held(execution));
      }
      lock.notifyAll();
    }
  }

  void cancel(String command) {
    synchronized (lock) {
      Held held = queue.get(command);
      if (held != null) {
        held.cancelled = true;
      }
      lock.notifyAll();
    }
  }

  void close() {
    synchronized (lock) {
      closing = true;
      lock.notifyAll();
    }
  }

  List<ResultItem> results() {
    synchronized (lock) {
      return List.copyOf(results);
    }
  }

  List<ResultItem> counted() {
    synchronized (lock) {
      return List.copyOf(counted);
    }
  }

  List<VerdictItem> verdicts() {
    synchronized (lock) {
      return List.copyOf(verdicts);
    }
  }

  @Nullable ResultItem end(String command) {
    synchronized (lock) {
      Held held = queue.get(command);
      return held == null ? null : held.end;
    }
  }

  int ended() {
    synchronized (lock) {
      return (int) queue.values().stream().filter(h -> h.end != null).count();
    }
  }

  int parked() {
    synchronized (lock) {
      return parkedBy.size();
    }
  }

  PollAnswer poll(PollRequest request) throws InterruptedException {
    synchronized (lock) {
      List<VerdictItem> settled = settle(request.results());
      PollRequest.PollerInfo poller = request.poller();
      String instance = poller == null ? "" : poller.instance();
      long ticket = System.nanoTime();
      parkedBy.put(instance, ticket);
      lock.notifyAll();
      long end = ticket + TimeUnit.SECONDS.toNanos(request.waitSeconds());
      while (true) {
        boolean replaced = parkedBy.getOrDefault(instance, 0L) != ticket;
        List<PollAnswer.LeaseRef> cancelled = replaced ? List.of() : newlyCancelled();
        List<PollAnswer.Execution> executions = replaced ? List.of() : leased(request.capacity());
        long left = end - System.nanoTime();
        if (replaced || closing || left <= 0 || !executions.isEmpty() || !cancelled.isEmpty()) {
          parkedBy.remove(instance, ticket);
          return new PollAnswer(settled, executions, cancelled, 0, null);
        }
        lock.wait(Math.min(left / 1_000_000 + 1, nextLapse()));
      }
    }
  }

  @GuardedBy("lock")
  private long nextLapse() {
    long now = System.nanoTime();
    return queue.values().stream()
        .filter(h -> h.live(now))
        .mapToLong(h -> (h.leasedUntil - now) / 1_000_000 + 1)
        .min()
        .orElse(60_000);
  }

  @GuardedBy("lock")
  private List<PollAnswer.LeaseRef> newlyCancelled() {
    List<PollAnswer.LeaseRef> out = new ArrayList<>();
    for (Held held : queue.values()) {
      if (held.cancelled && !held.told && held.live(System.nanoTime())) {
        held.told = true;
        out.add(new PollAnswer.LeaseRef(held.execution.command(), held.lease));
      }
    }
    return out;
  }

  @GuardedBy("lock")
  private List<PollAnswer.Execution> leased(int capacity) {
    long now = System.nanoTime();
    Set<String> heldKeys = new HashSet<>();
    for (Held held : queue.values()) {
      if (held.live(now) && !held.execution.orderingKey().isEmpty()) {
        heldKeys.add(held.execution.orderingKey());
      }
    }
    List<PollAnswer.Execution> out = new ArrayList<>();
    for (Held held : queue.values()) {
      if (out.size() == capacity) {
        break;
      }
      if (held.end == null
          && !held.cancelled
          && !held.live(now)
          && !heldKeys.contains(held.execution.orderingKey())) {
        out.add(handOut(held, now));
      }
    }
    return out;
  }

  private static PollAnswer.Execution handOut(Held held, long now) {
    held.lease++;
    held.attempt++;
    held.leasedUntil = now + TimeUnit.SECONDS.toNanos(held.execution.leaseSeconds());
    PollAnswer.Execution e = held.execution;
    return new PollAnswer.Execution(
        e.command(),
        held.lease,
        held.attempt,
        e.operation(),
        e.parameters(),
        e.configuration(),
        e.orderingKey(),
        e.leaseSeconds(),
        e.deadlineSeconds(),
        e.degrade());
  }

  List<VerdictItem> settle(List<ResultItem> items) {
    List<VerdictItem> out = new ArrayList<>();
    synchronized (lock) {
      for (ResultItem item : items) {
        results.add(item);
        out.add(new VerdictItem(item.command(), item.lease(), verdict(item)));
      }
      verdicts.addAll(out);
      lock.notifyAll();
    }
    return out;
  }

  @GuardedBy("lock")
  private String verdict(ResultItem item) {
    Held held = queue.get(item.command());
    if (held == null) {
      return "unknown";
    }
    if (held.answered == item.lease()) {
      return "duplicate";
    }
    if (held.end != null || held.lease != item.lease()) {
      return "stale";
    }
    return switch (item.outcome()) {
      case "succeeded", "rejected" -> accept(held, item, true);
      case "failed" -> accept(held, item, Boolean.FALSE.equals(item.retry()) || held.attempt >= 5);
      case "released" -> {
        held.attempt--;
        yield accept(held, item, held.cancelled);
      }
      default -> "invalid";
    };
  }

  @GuardedBy("lock")
  private String accept(Held held, ResultItem item, boolean ends) {
    counted.add(item);
    held.answered = item.lease();
    held.end = ends ? item : null;
    held.leasedUntil = System.nanoTime();
    return "accepted";
  }

  /** Answers with the outcome's word. */
  String renew(String command, long lease, long seconds) {
    synchronized (lock) {
      Held held = queue.get(command);
      if (held == null || held.lease != lease || !held.live(System.nanoTime())) {
        return "stale";
      }
      if (held.cancelled) {
        return "cancelled";
      }
      held.leasedUntil = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      return "extended";
    }
  }
}
