// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache;

import java.util.Arrays;
import java.util.Optional;

/** What can be asked of a cache. */
public enum Operation {
  /** Not served again, and erased. */
  PURGE("purge"),
  /** Not served again without having been validated at the origin. */
  INVALIDATE("invalidate"),
  /** Fetched into the cache. */
  LOAD("load");

  private final String wire;

  Operation(String wire) {
    this.wire = wire;
  }

  /** The word on the wire. */
  public String wire() {
    return wire;
  }

  /** Empty for an operation this version does not know. */
  public static Optional<Operation> of(String wire) {
    return Arrays.stream(values()).filter(o -> o.wire.equals(wire)).findFirst();
  }
}
