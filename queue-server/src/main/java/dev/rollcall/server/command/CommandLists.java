// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.Bodies;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The lists of commands and of executions. */
final class CommandLists {
  private static final Set<String> STATES =
      Set.of("pending", "active", "complete", "processed", "failed", "cancelling", "cancelled");
  private static final Set<String> EXECUTION_STATES =
      Set.of("pending", "leased", "succeeded", "failed", "rejected", "expired", "cancelled");

  private final Commands commands;

  CommandLists(Commands commands) {
    this.commands = commands;
  }

  /** A page of a list. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Page<T>(List<T> items, @Nullable String next) {}

  /**
   * An execution as it is answered.
   *
   * @param objects null: not known
   * @param waitsFor of a pending one: queued, held, exposure-suspended, retry, ordering-key,
   *     lease-lapsed, not-before, server-silent, never-polled
   * @param hold the name of the hold that keeps it, the one that lasts longest
   */
  record Execution(
      String server,
      String participant,
      String state,
      int attempt,
      @Nullable String code,
      @Nullable String message,
      @Nullable Long objects,
      @Nullable JsonNode data,
      @Nullable Instant leasedAt,
      @Nullable Instant finishedAt,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String waitsFor,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Instant waitsUntil,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String hold) {}

  void commands(Context ctx) {
    Bodies.queryKnows(
        ctx,
        Set.of(
            "state",
            "operation",
            "configuration",
            "participant",
            "since",
            "until",
            "limit",
            "cursor"));
    Caller caller = Caller.of(ctx);
    int limit = Bodies.queryInt(ctx, "limit", 50, 1, 500);
    var filter =
        new ListStore.Filter(
            word(ctx, "state", STATES),
            Bodies.queryText(ctx, "operation"),
            Bodies.queryText(ctx, "configuration"),
            participant(ctx),
            Bodies.queryTime(ctx, "since"),
            Bodies.queryTime(ctx, "until"),
            caller.role() == Role.CUSTOMER ? null : caller.participantId(),
            caller.customerId(),
            Bodies.queryText(ctx, "cursor") == null ? null : cursor(ctx),
            limit);
    CommandReads.Listed found = commands.reads().list(caller, filter);
    UUID next = found.next();
    Bodies.send(ctx, 200, new Page<>(found.commands(), next == null ? null : next.toString()));
  }

  private @Nullable Short participant(Context ctx) {
    String name = Bodies.queryText(ctx, "participant");
    if (name == null) {
      return null;
    }
    Participant participant = commands.registry().current().participant(name);
    return participant == null ? Short.valueOf((short) -1) : Short.valueOf(participant.id());
  }

  private static UUID cursor(Context ctx) {
    try {
      return UUID.fromString(String.valueOf(ctx.queryParam("cursor")));
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid("/query/cursor", "is none that a list gave");
    }
  }

  void executions(Context ctx) {
    Bodies.queryKnows(ctx, Set.of("state", "participant", "limit", "cursor"));
    Caller caller = Caller.of(ctx);
    int limit = Bodies.queryInt(ctx, "limit", 100, 1, 1_000);
    String state = word(ctx, "state", EXECUTION_STATES);
    int after = Bodies.queryInt(ctx, "cursor", 0, 0, Integer.MAX_VALUE);
    String asked = Bodies.queryText(ctx, "participant");
    UUID id = CommandRoutes.id(ctx);
    CommandReads.Seen seen = commands.reads().read(caller, id);
    List<ExecutionStore.Row> rows = executions(seen, asked, state, after, limit + 1);
    if (seen.row().queuedAt() == null) {
      CommandReads.Seen again = commands.reads().read(caller, id);
      if (again.row().seq() != seen.row().seq()) { // it has entered the queue, at another place
        rows = executions(again, asked, state, after, limit + 1);
      }
    }
    Registry now = commands.registry().current();
    boolean more = rows.size() > limit;
    List<Execution> items = rows.stream().limit(limit).map(row -> view(now, row)).toList();
    Bodies.send(
        ctx, 200, new Page<>(items, more ? String.valueOf(rows.get(limit - 1).serverId()) : null));
  }

  /** Of the participants whose servers are shown. */
  private List<ExecutionStore.Row> executions(
      CommandReads.Seen seen,
      @Nullable String asked,
      @Nullable String state,
      int after,
      int limit) {
    Registry now = commands.registry().current();
    int[] shown =
        seen.source().rollups().stream()
            .map(ReadStore.RollupRow::participantId)
            .filter(p -> seen.visibility().showsServersOf(now, p, seen.row().originId()))
            .filter(p -> asked == null || asked.equals(now.participantName(p)))
            .mapToInt(Short::intValue)
            .toArray();
    long seq = seen.row().seq();
    short track = seen.row().track();
    var page = new ExecutionStore.Page(shown, state, after, limit);
    return commands.read(handle ->
        SuspendedExposures.told(
            now, handle, seq, track, ExecutionStore.list(handle, seq, track, page)));
  }

  static Execution view(Registry registry, ExecutionStore.Row row) {
    return new Execution(
        row.server(),
        registry.participantName(row.participantId()),
        row.state(),
        row.attempt(),
        row.code(),
        row.message(),
        row.objects(),
        row.data(),
        row.leasedAt(),
        row.finishedAt(),
        row.waitsFor(),
        row.waitsUntil(),
        row.hold());
  }

  private static @Nullable String word(Context ctx, String name, Set<String> allowed) {
    String given = Bodies.queryText(ctx, name);
    if (given != null && !allowed.contains(given)) {
      throw ApiException.invalid(
          "/query/" + name,
          "is "
              + Problems.shown(given)
              + "; allowed: "
              + String.join(", ", allowed.stream().sorted().toList()));
    }
    return given;
  }
}
