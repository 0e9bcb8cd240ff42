// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache;

import java.time.Duration;

/**
 * Until when a task may run. It can move while the task runs, so it is asked before each wait.
 * Whoever ignores it is interrupted.
 */
@FunctionalInterface
public interface TimeLimit {
  /** Zero or less: it is over. */
  Duration remaining();
}
