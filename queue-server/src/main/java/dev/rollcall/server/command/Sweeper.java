// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.registry.Sweeps;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what changes of the registry took away, in threads of its own: neither the request that
 * changed it nor the loop of upkeep waits for as long as that may take. One thread has a moment for
 * each, so that a withdrawal does not wait behind the removal of a thousand servers; what takes
 * longer the other one ends. Thread-safe.
 */
final class Sweeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);

  /** For what another node left behind; a change is told at once. */
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  private static final Duration AGAIN = Duration.ofSeconds(1);
  private static final Duration MOMENT = Duration.ofSeconds(1);

  /** A third of the time for which a sweep is taken. */
  private static final Duration HOLD_EVERY = Duration.ofSeconds(10);

  private final RegistryService registry;
  private final Sweeps sweeps;
  private final ExposureSweep exposures;
  private final PeriodicTask quick = new PeriodicTask("sweeps", INTERVAL, () -> run(false));
  private final PeriodicTask patient = new PeriodicTask("sweeps-large", INTERVAL, () -> run(true));
  private volatile boolean stopping;

  Sweeper(RegistryService registry, ExposureSweep exposures) {
    this.registry = registry;
    this.sweeps = registry.sweeps();
    this.exposures = exposures;
  }

  void start() {
    registry.onChange((before, now) -> nudge());
    quick.start();
    patient.start();
  }

  private void nudge() {
    quick.nudge();
    patient.nudge();
  }

  private void run(boolean large) {
    Optional<Sweeps.Sweep> next = sweeps.take(large);
    while (next.isPresent()) {
      end(next.get(), new Hold(next.get(), large));
      next = stopping ? Optional.empty() : sweeps.take(large);
    }
  }

  private void end(Sweeps.Sweep sweep, Hold hold) {
    try {
      if (exposures.end(sweep, hold)) {
        sweeps.done(sweep);
      } else if (stopping) {
        sweeps.giveBack(sweep, Duration.ZERO);
      } else if (hold.isOver()) {
        sweeps.giveBackAsLarge(sweep);
        patient.nudge();
      }
    } catch (RuntimeException e) {
      LOG.warn("what a change of the registry ends could not be ended; it is tried again", e);
      sweeps.giveBack(sweep, AGAIN);
    }
  }

  /** Whether to go on with a sweep; keeps it meanwhile. Confined to the thread of a task. */
  private final class Hold implements BooleanSupplier {
    private final Sweeps.Sweep sweep;
    private final boolean large;
    private final long sinceNanos = System.nanoTime();
    private long heldNanos = sinceNanos;

    Hold(Sweeps.Sweep sweep, boolean large) {
      this.sweep = sweep;
      this.large = large;
    }

    /** The moment is over. */
    boolean isOver() {
      return !large && System.nanoTime() - sinceNanos > MOMENT.toNanos();
    }

    @Override
    public boolean getAsBoolean() {
      if (stopping || isOver()) {
        return false;
      }
      if (System.nanoTime() - heldNanos < HOLD_EVERY.toNanos()) {
        return true;
      }
      heldNanos = System.nanoTime();
      return sweeps.hold(sweep);
    }
  }

  /** What is under way is left to another node, or to the next start. */
  @Override
  public void close() {
    stopping = true;
    quick.close();
    patient.close();
  }
}
