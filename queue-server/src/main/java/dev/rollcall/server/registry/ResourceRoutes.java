// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The things of the registry over HTTP, one by one. */
public final class ResourceRoutes {
  private static final String PARTICIPANT = "/v1/participants/{participant}";
  private static final List<Place.Kind> OWNED =
      List.of(
          Place.Kind.CUSTOMER, Place.Kind.SERVER, Place.Kind.CONFIGURATION, Place.Kind.EXPOSURE);

  private final RegistryService registry;
  private final Doors doors;

  private final Function<Context, Reach> reach;

  /**
   * Who may come in.
   *
   * @param founders who may make and remove participants
   * @param administrators who may change what belongs to one
   * @param readers who may read
   */
  public record Doors(Route.Access founders, Route.Access administrators, Route.Access readers) {}

  /**
   * @param reach what of the registry somebody who makes a request may touch
   */
  public ResourceRoutes(RegistryService registry, Doors doors, Function<Context, Reach> reach) {
    this.registry = registry;
    this.doors = doors;
    this.reach = reach;
  }

  public List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    routes.add(Route.get("/v1/participants", doors.readers(), this::participants));
    add(routes, Place.Kind.PARTICIPANT, PARTICIPANT, doors.founders(), true);
    for (Place.Kind kind : OWNED) {
      String list = PARTICIPANT + "/" + kind.list();
      String path = list + "/{" + kind.word() + "}";
      routes.add(Route.get(list, doors.readers(), ctx -> list(ctx, kind)));
      add(routes, kind, path, doors.administrators(), true);
    }
    String deployments = PARTICIPANT + "/configurations/{configuration}/deployments";
    add(routes, Place.Kind.DEPLOYMENTS, deployments, doors.administrators(), false);
    String suspension = PARTICIPANT + "/exposures/{exposure}/suspension";
    add(routes, Place.Kind.SUSPENSION, suspension, doors.administrators(), true);
    return routes;
  }

  private void add(
      List<Route> routes, Place.Kind kind, String path, Route.Access writers, boolean removable) {
    routes.add(Route.get(path, doors.readers(), ctx -> get(ctx, kind)));
    routes.add(Route.put(path, writers, ctx -> put(ctx, kind)));
    if (removable) {
      routes.add(Route.delete(path, writers, ctx -> delete(ctx, kind)));
    }
  }

  /** A page of a list. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Page(List<RegistryJson.Named> items, @Nullable String next) {}

  private static Place place(Context ctx, Place.Kind kind) {
    return new Place(
        kind,
        ctx.pathParam("participant"),
        kind == Place.Kind.PARTICIPANT ? "" : ctx.pathParam(kind.word()));
  }

  private static Precondition precondition(Context ctx) {
    return Precondition.of(ctx.header("If-Match"), ctx.header("If-None-Match"));
  }

  private Participant reachable(Context ctx, Registry now, Place place) {
    Participant owner = now.participant(place.participant());
    if (owner == null || !reach.apply(ctx).covers(owner.id())) {
      throw place.ownerUnknown();
    }
    return owner;
  }

  private void get(Context ctx, Place.Kind kind) {
    Bodies.queryKnows(ctx, Set.of());
    Place place = place(ctx, kind);
    Registry now = registry.refresh();
    reachable(ctx, now, place);
    Object view = RegistryJson.view(now, place);
    if (view == null) {
      throw place.unknown();
    }
    String tag = RegistryJson.tag(view);
    ctx.header("ETag", tag);
    if (precondition(ctx).isKnown(tag)) {
      ctx.status(304);
    } else {
      Bodies.send(ctx, 200, view);
    }
  }

  private void put(Context ctx, Place.Kind kind) {
    Bodies.queryKnows(ctx, Set.of());
    Place place = place(ctx, kind);
    var problems = new Problems();
    Edit edit = ResourceReader.read(place, Bodies.json(ctx), problems);
    RegistryService.Edited done =
        registry.edit(edit, reach.apply(ctx), precondition(ctx), problems);
    Object view = Objects.requireNonNull(done.view());
    ctx.header("ETag", RegistryJson.tag(view));
    Bodies.send(ctx, done.created() ? 201 : 200, view);
  }

  private void delete(Context ctx, Place.Kind kind) {
    Bodies.queryKnows(ctx, Set.of());
    Bodies.nothing(ctx);
    Place place = place(ctx, kind);
    Edit edit =
        kind == Place.Kind.SUSPENSION ? new Edit.Suspend(place, null) : new Edit.Remove(place);
    RegistryService.Edited done =
        registry.edit(edit, reach.apply(ctx), precondition(ctx), new Problems());
    Bodies.send(ctx, 200, RegistryRoutes.Applied.of(done.diff(), registry.current()));
  }

  private void participants(Context ctx) {
    Registry now = registry.refresh();
    Reach own = reach.apply(ctx);
    List<RegistryJson.Named> found = new ArrayList<>();
    for (Participant participant : now.participants()) {
      if (own.covers(participant.id())) {
        found.add(RegistryJson.alone(participant));
      }
    }
    page(ctx, found);
  }

  private void list(Context ctx, Place.Kind kind) {
    Registry now = registry.refresh();
    Place owner = new Place(Place.Kind.PARTICIPANT, ctx.pathParam("participant"), "");
    page(ctx, RegistryJson.list(now, reachable(ctx, now, owner), kind));
  }

  private static void page(Context ctx, List<? extends RegistryJson.Named> all) {
    Bodies.queryKnows(ctx, Set.of("limit", "cursor"));
    int limit = Bodies.queryInt(ctx, "limit", 100, 1, 1_000);
    String after = Objects.requireNonNullElse(Bodies.queryText(ctx, "cursor"), "");
    List<RegistryJson.Named> rest =
        all.stream()
            .<RegistryJson.Named>map(Function.identity())
            .filter(one -> one.name().compareTo(after) > 0)
            .sorted(Comparator.comparing(RegistryJson.Named::name))
            .limit(limit + 1L)
            .toList();
    List<RegistryJson.Named> items = rest.subList(0, Math.min(limit, rest.size()));
    Bodies.send(ctx, 200, new Page(items, rest.size() > limit ? items.getLast().name() : null));
  }
}
