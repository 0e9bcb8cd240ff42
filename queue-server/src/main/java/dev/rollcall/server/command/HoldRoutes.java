// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.auth.Access;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.verification.Operations;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Holds over HTTP. */
public final class HoldRoutes {
  private final RegistryService registry;
  private final Operations operations;
  private final Holds holds;
  private final InstantSource clock;

  public HoldRoutes(
      RegistryService registry, Operations operations, Holds holds, InstantSource clock) {
    this.registry = registry;
    this.operations = operations;
    this.holds = holds;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/v1/holds", Access.OPERATORS, this::list),
        Route.put("/v1/holds/{name}", Access.OPERATORS, this::put),
        Route.get("/v1/holds/{name}", Access.OPERATORS, this::get),
        Route.delete("/v1/holds/{name}", Access.OPERATORS, this::delete));
  }

  /**
   * A hold as it is answered: hands out nothing that matches all that is given.
   *
   * @param until null: until it is taken back
   */
  record HoldView(
      String name,
      @Nullable String origin,
      @Nullable String participant,
      @Nullable String configuration,
      @Nullable String operation,
      @Nullable Instant until,
      @Nullable String reason,
      Instant createdAt,
      String createdBy) {}

  /** A page of a list. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Page(List<HoldView> items, @Nullable String next) {}

  private void list(Context ctx) {
    Bodies.queryKnows(ctx, Set.of("limit", "cursor"));
    int limit = Bodies.queryInt(ctx, "limit", 100, 1, 1_000);
    String after = Objects.requireNonNullElse(Bodies.queryText(ctx, "cursor"), "");
    List<HoldEditStore.Row> rows = holds.list(after, limit + 1);
    List<HoldView> items = rows.stream().limit(limit).map(this::view).toList();
    Bodies.send(ctx, 200, new Page(items, rows.size() > limit ? items.getLast().name() : null));
  }

  private void put(Context ctx) {
    JsonNode body = Bodies.json(ctx);
    String name = ctx.pathParam("name");
    HoldRequest hold =
        HoldRequest.read(name, body, registry.current(), operations, clock.instant());
    boolean created = holds.put(Caller.of(ctx), hold, body);
    Bodies.send(ctx, created ? 201 : 200, view(find(name)));
  }

  private void get(Context ctx) {
    Bodies.send(ctx, 200, view(find(ctx.pathParam("name"))));
  }

  private void delete(Context ctx) {
    String name = ctx.pathParam("name");
    if (!HoldRequest.isName(name) || !holds.delete(Caller.of(ctx), name)) {
      throw unknown(name);
    }
    ctx.status(204);
  }

  private HoldEditStore.Row find(String name) {
    Optional<HoldEditStore.Row> found =
        HoldRequest.isName(name) ? holds.byName(name) : Optional.empty();
    return found.orElseThrow(() -> unknown(name));
  }

  private static ApiException unknown(String name) {
    return ApiException.notFound("There is no hold " + Problems.shown(name) + ".");
  }

  private HoldView view(HoldEditStore.Row row) {
    return new HoldView(
        row.name(),
        participant(row.originId()),
        participant(row.participantId()),
        row.configuration(),
        row.operation(),
        row.until(),
        row.reason(),
        row.createdAt(),
        row.createdBy());
  }

  private @Nullable String participant(@Nullable Integer id) {
    return id == null ? null : registry.current().participantName(id);
  }
}
