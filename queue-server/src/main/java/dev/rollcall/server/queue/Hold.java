// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import org.jspecify.annotations.Nullable;

/**
 * What is not to be handed out: executions that match all that is given. Null matches anything.
 *
 * @param originId who issued the command
 * @param participantId whose server executes it
 * @param configurationId what the command acts within
 */
public record Hold(
    String name,
    @Nullable Integer originId,
    @Nullable Integer participantId,
    @Nullable Integer configurationId,
    @Nullable String operation) {
  /** Whether it says anything about commands that the queue does not know by itself. */
  boolean asksForSubject() {
    return configurationId != null || operation != null;
  }

  /** Whether a command matches, at servers of the participant, if one is given. */
  boolean matches(QueuedCommand command, @Nullable Subject subject) {
    return (originId == null || originId == Track.origin(command.track()))
        && (!asksForSubject() || (subject != null && matches(subject)));
  }

  private boolean matches(Subject subject) {
    return (configurationId == null || configurationId.equals(subject.configurationId()))
        && (operation == null || operation.equals(subject.operation()));
  }

  /**
   * What a command is about; never changes.
   *
   * @param configurationId null: no one configuration
   */
  record Subject(@Nullable Integer configurationId, String operation) {}
}
