// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.lifecycle;

/**
 * A failure of which the log already tells, once for all whom it befalls. Whoever runs work again
 * and again logs no more of it.
 */
public interface AlreadyTold {
  /** Whether a failure is one, or was caused by one. */
  static boolean isIn(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof AlreadyTold) {
        return true;
      }
    }
    return false;
  }
}
