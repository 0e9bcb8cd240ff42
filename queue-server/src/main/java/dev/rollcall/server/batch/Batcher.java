// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.batch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.rollcall.server.db.DatabaseErrors;
import dev.rollcall.server.telemetry.Meter;
import dev.rollcall.server.telemetry.Metrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers what many callers ask at the same time into one call: while one batch is at work the next
 * collects. There is no timer, so a lone item waits for nothing.
 *
 * <p>A batch that fails because a lock was not to be had is done again item by item, so that one
 * locked or poisonous item fails alone. Thread-safe.
 *
 * @param <I> what a caller hands in
 * @param <O> what it gets
 */
public final class Batcher<I, O> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Batcher.class);
  private static final Duration STOP_WAIT = Duration.ofSeconds(5);

  /**
   * @param name names the threads and the metrics
   * @param workers how many batches may be at work at once
   * @param mostItems in one batch
   * @param mostWaiting in line; beyond it callers are refused
   * @param longestWait how long an item stays in line; what is at work by then is waited for
   */
  public record Limits(
      String name, int workers, int mostItems, int mostWaiting, Duration longestWait) {}

  /**
   * The line is full, the wait was too long, or the server stops. The caller may try again later.
   */
  public static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  /** What is done with a batch. */
  @FunctionalInterface
  public interface Work<I, O> {
    /** Answers one result for each item, in their order. */
    List<O> run(List<I> items);

    /** As {@link #run}, of one item out of a batch that failed; others wait behind it. */
    default O again(I item) {
      return run(List.of(item)).getFirst();
    }
  }

  /** Two are never equal, though their items may be. */
  private static final class Entry<I, O> {
    private final I item;
    private final CompletableFuture<O> answer = new CompletableFuture<>();

    Entry(I item) {
      this.item = item;
    }
  }

  private final Limits limits;
  private final Function<I, Object> exclusive;
  private final Function<I, Integer> weight;
  private final Work<I, O> work;
  private final Timer seconds;
  private final Counter items;
  private final Counter retries;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final Line<Entry<I, O>> waiting;

  /** What is being worked on by another worker must not be in this one's batch as well. */
  @GuardedBy("lock")
  private final Set<Object> atWork = new HashSet<>();

  @GuardedBy("lock")
  private final List<Thread> threads = new ArrayList<>();

  @GuardedBy("lock")
  private boolean stopping;

  /** As below, where it makes no difference which items go together. */
  public Batcher(
      Limits limits,
      Metrics metrics,
      Function<I, Object> exclusive,
      Function<I, Integer> weight,
      Work<I, O> work) {
    this(limits, metrics, exclusive, weight, item -> limits, work);
  }

  /**
   * @param exclusive two items with an equal value here are never at work at the same time
   * @param weight how much of {@link Limits#mostItems} an item counts
   * @param kin items with an equal value here are cheaper together: a batch begins with those of
   *     the oldest item
   */
  public Batcher(
      Limits limits,
      Metrics metrics,
      Function<I, Object> exclusive,
      Function<I, Integer> weight,
      Function<I, Object> kin,
      Work<I, O> work) {
    this.waiting = new Line<>(entry -> kin.apply(entry.item));
    this.limits = limits;
    this.exclusive = exclusive;
    this.weight = weight;
    this.work = work;
    this.seconds = metrics.timer(Meter.BATCH_SECONDS, "batch", limits.name());
    this.items = metrics.counter(Meter.BATCH_ITEMS, "batch", limits.name());
    this.retries = metrics.counter(Meter.BATCH_RETRIES, "batch", limits.name());
  }

  public void start() {
    lock.lock();
    try {
      for (int i = threads.size(); i < limits.workers(); i++) {
        threads.add(
            Thread.ofPlatform()
                .name("rollcall-" + limits.name() + "-" + (i + 1))
                .daemon()
                .start(this::loop));
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the item's result.
   *
   * @throws RefusedException when the line is full, the wait too long, or the server stops
   * @throws RuntimeException whatever the batch threw for this item
   */
  public O call(I item) {
    var entry = new Entry<I, O>(item);
    enqueue(entry);
    try {
      return await(entry);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new CompletionException(e.getCause());
    } catch (InterruptedException e) {
      boolean _ = withdraw(entry);
      Thread.currentThread().interrupt();
      throw new RefusedException(limits.name() + ": interrupted");
    }
  }

  /** Refuses only what is not carried out either: nobody would know of its result. */
  private O await(Entry<I, O> entry) throws ExecutionException, InterruptedException {
    try {
      return entry.answer.get(limits.longestWait().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      if (withdraw(entry)) {
        throw new RefusedException(limits.name() + ": not begun within " + limits.longestWait());
      }
      return entry.answer.get();
    }
  }

  private boolean withdraw(Entry<I, O> entry) {
    lock.lock();
    try {
      return waiting.remove(entry);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands an item in and does not wait; a failure is logged.
   *
   * @throws RefusedException when the line is full or the server stops
   */
  public void handIn(I item) {
    var entry = new Entry<I, O>(item);
    enqueue(entry);
    var _ =
        entry.answer.exceptionally(e -> {
          LOG.warn("{}: {} failed", limits.name(), item, e);
          return null;
        });
  }

  private void enqueue(Entry<I, O> entry) {
    lock.lock();
    try {
      if (stopping) {
        throw new RefusedException(limits.name() + ": the server stops");
      }
      if (waiting.size() >= limits.mostWaiting()) {
        throw new RefusedException(limits.name() + ": " + waiting.size() + " are waiting already");
      }
      waiting.add(entry);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** How many are in line and not yet at work. */
  public int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  private void loop() {
    for (List<Entry<I, O>> batch = take(); !batch.isEmpty(); batch = take()) {
      try {
        runWhole(batch);
      } finally {
        release(batch);
      }
    }
  }

  /** Empty: the server stops and nothing is left. */
  private List<Entry<I, O>> take() {
    lock.lock();
    try {
      while (true) {
        List<Entry<I, O>> batch = collect();
        if (!batch.isEmpty() || (stopping && waiting.size() == 0)) {
          return batch;
        }
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private List<Entry<I, O>> collect() {
    List<Entry<I, O>> batch = new ArrayList<>();
    Set<Object> busy = atWork;
    var room = new AtomicInteger(limits.mostItems());
    waiting.offer(entry -> {
      int itsWeight = weight.apply(entry.item);
      if (room.get() <= 0 || (!batch.isEmpty() && itsWeight > room.get())) {
        return Line.Offer.STOP;
      }
      if (!busy.add(exclusive.apply(entry.item))) {
        return Line.Offer.LEAVE;
      }
      batch.add(entry);
      room.addAndGet(-itsWeight);
      return Line.Offer.TAKE;
    });
    return batch;
  }

  private void release(List<Entry<I, O>> batch) {
    lock.lock();
    try {
      batch.forEach(entry -> atWork.remove(exclusive.apply(entry.item)));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void runWhole(List<Entry<I, O>> batch) {
    items.increment(batch.size());
    try {
      List<O> results = timed(() -> work.run(batch.stream().map(entry -> entry.item).toList()));
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).answer.complete(results.get(i));
      }
    } catch (RuntimeException | Error e) {
      if (batch.size() > 1 && !isHopeless(e)) {
        LOG.info("{}: a batch of {} failed; doing it item by item", limits.name(), batch.size(), e);
        retries.increment();
        batch.forEach(this::runAlone);
      } else {
        batch.forEach(entry -> entry.answer.completeExceptionally(e));
      }
    }
  }

  /** The database is away: each item alone would only wait for it again. */
  private static boolean isHopeless(Throwable thrown) {
    return DatabaseErrors.isUnavailable(thrown)
        && !DatabaseErrors.isContention(thrown)
        && !DatabaseErrors.isNoPartition(thrown);
  }

  private void runAlone(Entry<I, O> entry) {
    try {
      entry.answer.complete(timed(() -> work.again(entry.item)));
    } catch (RuntimeException | Error e) {
      entry.answer.completeExceptionally(e);
    }
  }

  private <T> T timed(Supplier<T> step) {
    long start = System.nanoTime();
    T done = step.get();
    seconds.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    return done;
  }

  /** Finishes what has been handed in, but does not wait for ever. */
  @Override
  public void close() {
    List<Thread> running;
    lock.lock();
    try {
      stopping = true;
      running = List.copyOf(threads);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    long end = System.nanoTime() + STOP_WAIT.toNanos();
    for (Thread thread : running) {
      join(thread, end);
    }
    refuseRest();
  }

  private static void join(Thread thread, long end) {
    try {
      thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void refuseRest() {
    lock.lock();
    try {
      waiting.offer(entry -> {
        entry.answer.completeExceptionally(
            new RefusedException(limits.name() + ": the server stopped"));
        return Line.Offer.TAKE;
      });
    } finally {
      lock.unlock();
    }
  }
}
