// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.db.embedded;

import org.jspecify.annotations.Nullable;

/** The embedded PostgreSQL cannot be used; the message tells the operator why and what to do. */
public final class EmbeddedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EmbeddedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  public EmbeddedException(String message) {
    super(message);
  }
}
