// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db;

import dev.rollcall.server.lifecycle.AlreadyTold;

/**
 * The database cannot be reached, or is shutting down. Without trace and cause: {@link Outage} told
 * the first of them, and hundreds follow it.
 */
final class DatabaseAwayException extends RuntimeException implements AlreadyTold {
  private static final long serialVersionUID = 1L;

  DatabaseAwayException(DatabaseAddress address) {
    super("the database " + address + " is away", null, false, false);
  }
}
