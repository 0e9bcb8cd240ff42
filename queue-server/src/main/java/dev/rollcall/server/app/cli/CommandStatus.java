// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A command as the server shows it, as far as a watcher needs it. Read leniently: a later server
 * may say more.
 *
 * @param asOf the server's time of this answer; null when it said none
 */
public record CommandStatus(
    String id,
    String operation,
    String state,
    long version,
    @Nullable Instant createdAt,
    @Nullable Instant completedAt,
    @Nullable Instant asOf,
    Totals totals,
    List<Part> participants) {
  private static final Set<String> ENDED = Set.of("complete", "processed", "failed", "cancelled");
  private static final Set<String> GOOD = Set.of("complete", "processed");

  public CommandStatus {
    participants = List.copyOf(participants);
  }

  /** What one participant has of it. */
  public record Part(String participant, String state, Totals totals) {
    boolean hasEnded() {
      return ENDED.contains(state);
    }
  }

  /**
   * @throws CommandFailure when this is no command
   */
  public static CommandStatus read(JsonNode command) {
    String id = command.path("id").asString("");
    String state = command.path("state").asString("");
    if (id.isEmpty() || state.isEmpty()) {
      throw new CommandFailure.Failed(List.of("the server answered with what is no command"));
    }
    List<Part> parts = new ArrayList<>();
    for (JsonNode part : command.path("participants")) {
      parts.add(
          new Part(
              Printable.text(part.path("participant").asString("?")),
              Printable.text(part.path("state").asString("")),
              Totals.read(part.path("totals"))));
    }
    return new CommandStatus(
        Printable.text(id),
        Printable.text(command.path("operation").asString("command")),
        Printable.text(state),
        command.path("version").asLong(0),
        time(command, "createdAt"),
        time(command, "completedAt"),
        time(command, "asOf"),
        Totals.read(command.path("totals")),
        parts);
  }

  private static @Nullable Instant time(JsonNode command, String name) {
    try {
      JsonNode field = command.path(name);
      return field.isString() ? Instant.parse(field.stringValue()) : null;
    } catch (DateTimeException e) {
      return null; // shown as unknown
    }
  }

  public boolean hasEnded() {
    return ENDED.contains(state);
  }

  /** Whether it ended as it should. */
  public boolean isGood() {
    return GOOD.contains(state);
  }

  /** From accepted to complete, or to the time of the answer; by the server's clock. */
  public Duration age() {
    Instant end = completedAt != null ? completedAt : asOf;
    if (createdAt == null || end == null || end.isBefore(createdAt)) {
      return Duration.ZERO;
    }
    return Duration.between(createdAt, end);
  }

  /** "complete: 3 of 3 succeeded; 0.184 s from accepted to complete". */
  public String summary() {
    String counts =
        totals.targeted() == 0
            ? "no server was concerned"
            : totals.ends().replaceFirst(" ", " of " + totals.targeted() + " ");
    return state
        + ": "
        + counts
        + (completedAt == null ? "" : "; " + seconds(age()) + " from accepted to complete");
  }

  static String seconds(Duration length) {
    return String.format(Locale.ROOT, "%.3f s", length.toNanos() / 1e9);
  }
}
