// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.web.Rates;
import java.util.Collection;
import java.util.function.LongSupplier;

/** The rates of exposures. Each node counts what it accepts itself. Thread-safe. */
final class Quotas {
  /** Whose rate, and under which exposure. */
  record Grant(short executing, short origin, Participant.Exposure exposure) {}

  private final Rates<Grant> rates;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  Quotas(LongSupplier nanoTime) {
    this.rates = new Rates<>(nanoTime);
  }

  /**
   * False when the rate is used up.
   *
   * @param consume false: only looks
   */
  boolean take(Grant grant, boolean consume) {
    Integer perMinute = grant.exposure().commandsPerMinute();
    return perMinute == null || rates.take(grant, perMinute, consume) == 0;
  }

  /** What was taken for a command that was not accepted after all. */
  void giveBack(Collection<Grant> grants) {
    for (Grant grant : grants) {
      Integer perMinute = grant.exposure().commandsPerMinute();
      if (perMinute != null) {
        rates.giveBack(grant, perMinute);
      }
    }
  }
}
