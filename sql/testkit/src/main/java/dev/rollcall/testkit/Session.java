// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.testkit;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jdbi.v3.core.Handle;

/**
 * One database session with a thread of its own, to script interleavings: one session does a step
 * and keeps its transaction open, the other starts a step and is seen to wait. Confined to the
 * test's thread.
 */
public final class Session implements AutoCloseable {
  private static final long SECONDS = 20;

  private final TestDatabase database;
  private final Handle handle;
  private final int pid;
  private final ExecutorService thread;

  private Session(TestDatabase database, Handle handle, int pid, ExecutorService thread) {
    this.database = database;
    this.handle = handle;
    this.pid = pid;
    this.thread = thread;
  }

  static Session open(TestDatabase database) {
    Handle handle = database.jdbi().open();
    int pid = handle.createQuery("select pg_backend_pid()").mapTo(Integer.class).one();
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("rollcall-session-" + pid).daemon().factory());
    return new Session(database, handle, pid, thread);
  }

  /** What a step does with the session's handle. */
  @FunctionalInterface
  public interface Work<T> {
    T apply(Handle handle) throws Exception;
  }

  /** What a step without a result does with the session's handle. */
  @FunctionalInterface
  public interface Step {
    void accept(Handle handle) throws Exception;
  }

  public void begin() {
    run(Handle::begin);
  }

  public void commit() {
    run(Handle::commit);
  }

  public void rollback() {
    run(Handle::rollback);
  }

  /** Starts a step and does not wait for it. */
  public <T> Future<T> start(Work<T> work) {
    return thread.submit(() -> work.apply(handle));
  }

  /** Does a step to its end. */
  public <T> T call(Work<T> work) {
    return result(start(work));
  }

  /** Does a step without a result to its end. */
  public void run(Step step) {
    result(
        start(h -> {
          step.accept(h);
          return true;
        }));
  }

  /** The result of a step that was started; its exception unwrapped. */
  public static <T> T result(Future<T> step) {
    try {
      return step.get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("the step did not end within " + SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Returns once the session waits for another one's lock; fails if it ends or never waits. */
  public void awaitBlocked(Future<?> step) {
    await(
        step,
        "select coalesce(wait_event_type = 'Lock', false) from pg_stat_activity where pid = :pid");
  }

  /**
   * Returns once somebody waits for a lock of this session; fails if the step ends or never waits.
   */
  public void awaitBlocking(Future<?> step) {
    await(
        step,
        "select exists (select from pg_stat_activity where :pid = any(pg_blocking_pids(pid)))");
  }

  private void await(Future<?> step, String isWaiting) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!isTrue(isWaiting)) {
      if (step.isDone()) {
        throw new AssertionError("the step ended without waiting: " + result(step));
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("the step never waited for a lock");
      }
      Thread.onSpinWait();
    }
  }

  private boolean isTrue(String condition) {
    return database
        .jdbi()
        .withHandle(observer ->
            observer.createQuery(condition).bind("pid", pid).mapTo(Boolean.class).one());
  }

  /** Rolls back; a step that still waits for another session's lock is given up. */
  @Override
  public void close() {
    giveUpWaiting();
    try {
      run(h -> {
        if (h.isInTransaction()) {
          h.rollback();
        }
      });
    } finally {
      thread.shutdownNow();
      handle.close();
    }
  }

  private void giveUpWaiting() {
    database
        .jdbi()
        .useHandle(h ->
            h.createQuery(
                    "select pg_cancel_backend(pid) from pg_stat_activity"
                        + " where pid = :pid and wait_event_type = 'Lock'")
                .bind("pid", pid)
                .mapTo(Boolean.class)
                .findOne());
  }
}
