// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.rollcall.protocol.edge.PollAnswer;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.auth.Access;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.Resyncs;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Servers over HTTP: which there are, when they last polled, what waits for them. */
public final class ServerRoutes {
  private final Pool reads;

  public ServerRoutes(Pool reads) {
    this.reads = reads;
  }

  public List<Route> routes() {
    return List.of(Route.get("/v1/servers", Access.OVERSEERS, this::list));
  }

  /** A page of a list. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Page(List<ServerView> items, @Nullable String next) {}

  /**
   * A server as it is listed.
   *
   * @param pending executions that have not ended
   * @param upToDate false while it missed commands for which it has not made up: they expired there
   *     and never were handed out
   * @param resync what it missed
   * @param poller what its poller last said of itself; null: it never polled
   */
  record ServerView(
      String name,
      String participant,
      @Nullable String region,
      JsonNode labels,
      List<String> addresses,
      @Nullable Instant lastPollAt,
      int pending,
      @Nullable Instant oldestPendingAt,
      boolean upToDate,
      @JsonInclude(JsonInclude.Include.NON_NULL) PollAnswer.@Nullable Resync resync,
      @Nullable PollerView poller) {}

  record PollerView(@Nullable String version, @Nullable List<String> operations) {}

  private void list(Context ctx) {
    Bodies.queryKnows(ctx, Set.of("silentSeconds", "limit", "cursor"));
    int limit = Bodies.queryInt(ctx, "limit", 100, 1, 1_000);
    int after = Bodies.queryInt(ctx, "cursor", 0, 0, Integer.MAX_VALUE);
    Integer silent =
        ctx.queryParam("silentSeconds") == null
            ? null
            : Integer.valueOf(Bodies.queryInt(ctx, "silentSeconds", 0, 0, Integer.MAX_VALUE));
    Short participant = Caller.of(ctx).participantId();
    List<ServerListStore.Row> rows =
        reads.withHandle(
            handle -> ServerListStore.list(handle, participant, silent, after, limit + 1));
    boolean more = rows.size() > limit;
    Bodies.send(
        ctx,
        200,
        new Page(
            rows.stream().limit(limit).map(ServerRoutes::view).toList(),
            more ? String.valueOf(rows.get(limit - 1).id()) : null));
  }

  private static ServerView view(ServerListStore.Row row) {
    Resyncs.Resync resync = row.resync();
    return new ServerView(
        row.fullName(),
        row.participant(),
        row.region(),
        Json.MAPPER.readTree(row.labels()),
        row.addresses(),
        row.lastPollAt(),
        row.pending(),
        row.oldestPendingAt(),
        resync == null,
        resync == null
            ? null
            : new PollAnswer.Resync(resync.id().toString(), resync.since(), resync.missed()),
        row.lastPollAt() == null ? null : new PollerView(row.version(), row.operations()));
  }
}
