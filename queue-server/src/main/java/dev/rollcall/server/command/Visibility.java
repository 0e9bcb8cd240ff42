// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a caller may see of one command. */
sealed interface Visibility {
  /** All of it: its origin, and operators. */
  record Whole() implements Visibility {}

  /** The command, and what runs on the caller's own servers. */
  record Share(short participantId) implements Visibility {}

  /** Counts for each participant; servers only of those that expose them. */
  record Counts() implements Visibility {}

  /** Nothing: for this caller it does not exist. */
  record None() implements Visibility {}

  static Visibility of(
      Caller caller, ReadStore.CommandRow command, List<ReadStore.RollupRow> rollups) {
    if (caller.seesAll()) {
      return new Whole();
    }
    if (caller.role() == Role.CUSTOMER) {
      return command.customerId() != null && command.customerId().equals(caller.customerId())
          ? new Counts()
          : new None();
    }
    Short participant = caller.participantId();
    if (participant == null) {
      return new None();
    }
    if (command.originId() == participant) {
      return new Whole();
    }
    boolean executes = rollups.stream().anyMatch(rollup -> rollup.participantId() == participant);
    return executes ? new Share(participant) : new None();
  }

  /** The one participant whose share is shown; null: all. */
  default @Nullable Short only() {
    return this instanceof Share share ? share.participantId() : null;
  }

  /** Whether executions on a participant's servers are shown one by one. */
  default boolean showsServersOf(Registry registry, short executing, short originId) {
    return switch (this) {
      case Whole whole -> true;
      case Share share -> share.participantId() == executing;
      case None none -> false;
      case Counts counts -> {
        Participant participant = registry.participant(executing);
        yield participant != null
            && participant.exposures().stream()
                .anyMatch(exposure ->
                    exposure.detail().equals("servers")
                        && exposure.toParticipant().equals(registry.participantName(originId)));
      }
    };
  }
}
