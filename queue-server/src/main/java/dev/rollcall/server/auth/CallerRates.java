// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import dev.rollcall.server.config.Limits;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.Rates;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps callers within their rates. Servers have a rate of their own: a purge of one participant
 * wakes thousands of polls, which must not use up what its people may ask. Thread-safe.
 */
public final class CallerRates {
  private final @Nullable Integer perMinute;
  private final @Nullable Integer edgePerMinute;
  private final Rates<String> rates;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public CallerRates(Limits limits, LongSupplier nanoTime) {
    this.perMinute = limits.requestsPerMinute();
    this.edgePerMinute = limits.edgeRequestsPerMinute();
    this.rates = new Rates<>(nanoTime);
  }

  /**
   * @throws ApiException 429 when the caller's rate is used up
   */
  public void count(Caller caller) {
    Integer allowed = caller.role() == Role.SERVER ? edgePerMinute : perMinute;
    if (allowed == null) {
      return;
    }
    double seconds = rates.take(who(caller), allowed, true);
    if (seconds > 0) {
      throw ApiException.rateLimited(
          "More than " + allowed + " requests a minute.", (int) Math.ceil(seconds));
    }
  }

  /** Not the token: a participant makes as many of them as it likes. */
  private static String who(Caller caller) {
    if (caller.serverId() != null) {
      return "server:" + caller.serverId();
    }
    if (caller.customerId() != null) {
      return "customer:" + caller.customerId();
    }
    return caller.participantId() == null
        ? caller.subject()
        : "participant:" + caller.participantId();
  }
}
