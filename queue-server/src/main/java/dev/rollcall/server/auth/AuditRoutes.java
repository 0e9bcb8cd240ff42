// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The audit record over HTTP: all of it for who sees all, else what concerns the participant. */
public final class AuditRoutes {
  private final Pool reads;

  public AuditRoutes(Pool reads) {
    this.reads = reads;
  }

  public List<Route> routes() {
    return List.of(Route.get("/v1/audit", Access.OVERSEERS, this::list));
  }

  /**
   * A line of the record.
   *
   * @param address from where; absent where that is none of the reader's business
   * @param participants whom it concerns
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      Instant at,
      String subject,
      @Nullable String address,
      String action,
      String object,
      String outcome,
      int times,
      List<String> participants,
      JsonNode detail) {}

  /** A page of a list. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Page(List<Line> items, @Nullable String next) {}

  private void list(Context ctx) {
    Bodies.queryKnows(ctx, Set.of("since", "until", "action", "limit", "cursor"));
    Caller caller = Caller.of(ctx);
    int limit = Bodies.queryInt(ctx, "limit", 100, 1, 1_000);
    var filter =
        new AuditStore.Filter(
            caller.participantId(),
            cursor(ctx),
            Objects.requireNonNullElse(Bodies.queryTime(ctx, "since"), Instant.EPOCH),
            Objects.requireNonNullElse(
                Bodies.queryTime(ctx, "until"), Instant.parse("9999-01-01T00:00:00Z")),
            Bodies.queryText(ctx, "action"),
            limit + 1);
    List<AuditStore.Row> rows = reads.withHandle(handle -> AuditStore.list(handle, filter));
    boolean more = rows.size() > limit;
    Bodies.send(
        ctx,
        200,
        new Page(
            rows.stream().limit(limit).map(row -> line(row, caller)).toList(),
            more ? String.valueOf(rows.get(limit - 1).seq()) : null));
  }

  private static long cursor(Context ctx) {
    String given = Bodies.queryText(ctx, "cursor");
    try {
      return given == null ? Long.MAX_VALUE : Long.parseLong(given);
    } catch (NumberFormatException e) {
      throw ApiException.invalid("/query/cursor", "is none that a list gave");
    }
  }

  private static Line line(AuditStore.Row row, Caller caller) {
    boolean showsAddress =
        caller.seesAll() || (row.actor() != null && row.actor().equals(caller.participantId()));
    return new Line(
        row.at(),
        row.subject(),
        showsAddress ? row.address() : null,
        row.action(),
        row.object(),
        row.outcome(),
        row.times(),
        java.util.stream.Stream.of(row.participant(), row.otherParticipant())
            .filter(Objects::nonNull)
            .toList(),
        row.detail());
  }
}
