// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A command as it is answered: its state by the words of RFC 8007, and its rollup.
 *
 * @param origin on whose behalf; null: the federation's operators
 * @param completedAt when the last execution ended; null: not yet
 * @param version grows whenever the state or a count of ended executions changes
 * @param asOf the moment for which {@code pending} and {@code leased} are true
 */
record CommandView(
    UUID id,
    String operation,
    String state,
    @Nullable String origin,
    JsonNode target,
    JsonNode parameters,
    JsonNode options,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable UUID retryOf,
    Instant createdAt,
    @Nullable Instant completedAt,
    long version,
    Instant asOf,
    Totals totals,
    List<Part> participants) {

  /** Executions by state. */
  record Totals(
      int targeted,
      int pending,
      int leased,
      int succeeded,
      int failed,
      int rejected,
      int expired,
      int cancelled,
      int processed) {
    @JsonProperty(access = JsonProperty.Access.WRITE_ONLY)
    int ended() {
      return succeeded + failed + rejected + expired + cancelled + processed;
    }

    private Totals and(Totals other) {
      return new Totals(
          targeted + other.targeted,
          pending + other.pending,
          leased + other.leased,
          succeeded + other.succeeded,
          failed + other.failed,
          rejected + other.rejected,
          expired + other.expired,
          cancelled + other.cancelled,
          processed + other.processed);
    }
  }

  /** One participant's share. */
  record Part(String participant, String delivery, String state, Totals totals) {}

  /**
   * What is read of one command to make the view of.
   *
   * @param live by participant, as it was at {@code asOf}
   */
  record Source(
      ReadStore.CommandRow command,
      List<ReadStore.RollupRow> rollups,
      Map<Short, ReadStore.LiveRow> live,
      Instant asOf) {}

  /** Only what may be seen is shown and counted. */
  static CommandView of(Source source, Registry registry, Visibility visibility) {
    ReadStore.CommandRow row = source.command();
    Short only = visibility.only();
    boolean cancelAsked = row.cancelRequestedAt() != null;
    boolean startedSomewhere =
        row.startedAt() != null
            || source.live().values().stream().anyMatch(ReadStore.LiveRow::handedOut);
    List<Part> parts = new ArrayList<>();
    Totals all = new Totals(0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (ReadStore.RollupRow rollup : source.rollups()) {
      if (only != null && only != rollup.participantId()) {
        continue;
      }
      ReadStore.LiveRow live = source.live().get(rollup.participantId());
      Totals totals = totals(rollup, live == null ? 0 : live.leased());
      Participant participant = registry.participant(rollup.participantId());
      parts.add(
          new Part(
              registry.participantName(rollup.participantId()),
              participant == null ? "poll" : participant.delivery().word(),
              state(totals, cancelAsked, live != null && live.handedOut()),
              totals));
      all = all.and(totals);
    }
    parts.sort(java.util.Comparator.comparing(Part::participant));
    boolean started = startedSomewhere || all.ended() > 0;
    return new CommandView(
        row.id(),
        row.operation(),
        state(all, cancelAsked, startedSomewhere),
        row.originId() == 0 ? null : registry.participantName(row.originId()),
        VisibleTarget.of(row, registry, visibility),
        row.parameters(),
        row.options(),
        row.retryOf(),
        row.createdAt(),
        all.ended() == all.targeted() ? row.completedAt() : null,
        all.ended() + (started ? 1 : 0) + (cancelAsked ? 1 : 0),
        source.asOf(),
        all,
        parts);
  }

  private static Totals totals(ReadStore.RollupRow rollup, int leasedThen) {
    int open = rollup.targeted() - rollup.ended();
    int leased = Math.min(open, leasedThen);
    return new Totals(
        rollup.targeted(),
        open - leased,
        leased,
        rollup.succeeded(),
        rollup.failed(),
        rollup.rejected(),
        rollup.expired(),
        rollup.cancelled(),
        rollup.processed());
  }

  private static String state(Totals totals, boolean cancelAsked, boolean handedOut) {
    if (totals.ended() < totals.targeted()) {
      return cancelAsked ? "cancelling" : handedOut || totals.ended() > 0 ? "active" : "pending";
    }
    if (cancelAsked && totals.cancelled() > 0) {
      return "cancelled";
    }
    if (totals.failed() + totals.rejected() + totals.expired() + totals.cancelled() > 0) {
      return "failed";
    }
    return totals.processed() > 0 ? "processed" : "complete";
  }
}
