// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.journal;

import java.io.IOException;

/** Something could not be written down. What is in memory stays; the next write tries anew. */
public final class JournalException extends Exception {
  private static final long serialVersionUID = 1L;

  JournalException(IOException cause) {
    super(String.valueOf(cause.getMessage()), cause);
  }
}
