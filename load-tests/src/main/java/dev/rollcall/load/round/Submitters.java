// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.round;

import dev.rollcall.load.history.CommandLog;
import dev.rollcall.load.process.Operator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** A few connections that submit commands, each when its gate opens. Thread-safe. */
final class Submitters implements AutoCloseable {
  private static final long LOOK_EVERY = TimeUnit.MICROSECONDS.toNanos(200);

  private final Session session;
  private final LongFunction<String> commands;
  private final long most;
  private final LongUnaryOperator gate;
  private final AtomicLong taken = new AtomicLong();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;

  private Submitters(
      Session session, LongFunction<String> commands, long most, LongUnaryOperator gate) {
    this.session = session;
    this.commands = commands;
    this.most = most;
    this.gate = gate;
  }

  /**
   * So many commands, one as soon as another one is answered.
   *
   * @param commands the n-th command's body
   */
  static Submitters atOnce(Session session, LongFunction<String> commands, long most) {
    return new Submitters(session, commands, most, n -> 0);
  }

  /** So many commands, the n-th at its own time, whether those before it are answered or not. */
  static Submitters paced(
      Session session, LongFunction<String> commands, long most, long start, long nanosBetween) {
    return new Submitters(
        session, commands, most, n -> start + n * nanosBetween - System.nanoTime());
  }

  /** As many as keep so many executions submitted and not yet acknowledged, until it is stopped. */
  static Submitters keeping(Session session, LongFunction<String> commands, long outstanding) {
    CommandLog log = session.log();
    return new Submitters(
        session,
        commands,
        Long.MAX_VALUE,
        n -> log.executions() - session.fleet().acknowledged() < outstanding ? 0 : LOOK_EVERY);
  }

  void start(int connections) {
    for (int i = 0; i < connections; i++) {
      threads.add(Thread.ofPlatform().name("rollcall-submit-" + i).daemon().start(this::run));
    }
  }

  private void run() {
    try (var operator = new Operator(session.bed().target(), session.bed().adminToken())) {
      for (long n = taken.getAndIncrement(); n < most; n = taken.getAndIncrement()) {
        for (long wait = gate.applyAsLong(n); !stopping && wait > 0; wait = gate.applyAsLong(n)) {
          LockSupport.parkNanos(wait);
        }
        if (stopping) {
          return;
        }
        operator.submit(commands.apply(n), session.log());
      }
    } catch (IOException | RuntimeException e) {
      failure.compareAndSet(null, e);
      stopping = true;
    }
  }

  /** Waits until all have been submitted. */
  void await() {
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    Exception failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a command could not be submitted", failed);
    }
  }

  /** No more commands; those under way are answered first. */
  void stop() {
    stopping = true;
    await();
  }

  @Override
  public void close() {
    stop();
  }
}
