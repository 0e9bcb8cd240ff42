// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;

/** Ids of new commands: UUIDs of version 7 (RFC 9562 section 5.7), so that they sort by time. */
final class CommandIds {
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  CommandIds(InstantSource clock) {
    this.clock = clock;
  }

  UUID next() {
    long millis = clock.millis();
    long high = millis << 16 | 0x7000L | (random.nextInt() & 0x0fffL);
    long low = (random.nextLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
    return new UUID(high, low);
  }
}
