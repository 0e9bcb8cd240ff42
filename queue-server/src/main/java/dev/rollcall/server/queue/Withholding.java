// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.Collection;
import org.jdbi.v3.core.Handle;

/**
 * What is not to be handed out besides what is held, decided by who knows what commands are about.
 * Always decides the same; another decision is another object. Thread-safe.
 */
public interface Withholding {
  /** Nothing is withheld. */
  Withholding NONE = (handle, commands) -> (server, seq) -> false;

  /** What of these commands is withheld, for one batch. */
  Check check(Handle handle, Collection<QueuedCommand> commands);

  /** Confined to one thread. */
  interface Check {
    boolean isWithheld(QueueServer server, long seq);
  }
}
