// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** What a command knows of time and chance. */
public record Timing(InstantSource clock, Pause pause, RandomGenerator random) {
  /** Lets time pass. */
  @FunctionalInterface
  public interface Pause {
    void pause(Duration length) throws InterruptedException;
  }

  static Timing real() {
    return new Timing(InstantSource.system(), Timing::letPass, RandomGenerator.getDefault());
  }

  private static void letPass(Duration length) throws InterruptedException {
    if (new Semaphore(0).tryAcquire(length.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new IllegalStateException("nobody else knows this semaphore");
    }
  }
}
