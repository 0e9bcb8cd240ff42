// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.raw;

import dev.rollcall.load.measure.Probe;
import dev.rollcall.load.measure.Usage;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Puts a design under load: fan-out, lease, settle and count all at once, until all has ended. */
final class Drive {
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

  private final Design design;
  private final Shape shape;
  private final AtomicLong ended = new AtomicLong();
  private volatile boolean failed;

  private Drive(Design design, Shape shape) {
    this.design = design;
    this.shape = shape;
  }

  /** Fans out so many commands and works until each of their executions has ended. */
  static Usage run(Design design, Shape shape, Probe probe, int commands) {
    return new Drive(design, shape).run(probe, commands);
  }

  private Usage run(Probe probe, int commands) {
    long total = (long) commands * shape.servers();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      Probe.Reading start = probe.read();
      List<Future<?>> work = new ArrayList<>();
      work.add(threads.submit(() -> guarded(() -> submit(commands))));
      for (int i = 0; i < shape.lanes(); i++) {
        int number = i;
        work.add(threads.submit(() -> guarded(() -> serve(number, total))));
      }
      for (Future<?> part : work) {
        part.get();
      }
      return Usage.between(start, probe.read(), total);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the load stopped", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private interface Work {
    void run() throws SQLException;
  }

  private boolean guarded(Work work) throws SQLException {
    boolean done = false;
    try {
      work.run();
      done = true;
    } finally {
      failed |= !done;
    }
    return done;
  }

  private void submit(int commands) throws SQLException {
    for (long submitted = 0; submitted < commands && !failed; submitted++) {
      while (!failed && submitted - ended.get() / shape.servers() >= shape.outstanding()) {
        LockSupport.parkNanos(PAUSE);
      }
      design.submit();
    }
  }

  private void serve(int number, long total) throws SQLException {
    try (Design.Lane lane = design.lane(number)) {
      while (!failed && ended.get() < total) {
        int inRound = 0;
        for (int group = 0; group < lane.groups() && !failed; group++) {
          int now = lane.turn(group);
          ended.addAndGet(now);
          inRound += now;
        }
        if (inRound == 0) {
          LockSupport.parkNanos(PAUSE);
        }
      }
    }
  }
}
