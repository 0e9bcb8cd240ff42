// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.enrolment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.auth.Access;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.Role;
import dev.rollcall.server.auth.Tokens;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.registry.ServerFields;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Join tokens over HTTP: made and shown once, listed, revoked. */
public final class JoinTokenRoutes {
  private static final UUID FIRST = new UUID(0, 0);
  private static final int MOST_USES = 10_000;
  private static final Duration LIFE = Duration.ofDays(1);
  private static final Duration LONGEST_LIFE = Duration.ofDays(90);

  private final Enrolments enrolments;
  private final RegistryService registry;
  private final InstantSource clock;

  public JoinTokenRoutes(Enrolments enrolments, RegistryService registry, InstantSource clock) {
    this.enrolments = enrolments;
    this.registry = registry;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/v1/join-tokens", Access.ADMINISTRATORS, this::create),
        Route.get("/v1/join-tokens", Access.ADMINISTRATORS, this::list),
        Route.delete("/v1/join-tokens/{id}", Access.ADMINISTRATORS, this::revoke));
  }

  /** A join token as it is listed. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record View(
      UUID id,
      String participant,
      int uses,
      int used,
      @Nullable String region,
      Map<String, String> labels,
      boolean approval,
      boolean replaces,
      Instant createdAt,
      String createdBy,
      Instant expiresAt,
      @Nullable Instant revokedAt) {
    static View of(JoinToken token) {
      return new View(
          token.id(),
          token.participant(),
          token.uses(),
          token.used(),
          token.region(),
          token.labels(),
          token.approval(),
          token.replaces(),
          token.createdAt(),
          token.createdBy(),
          token.expiresAt(),
          token.revokedAt());
    }
  }

  /** With the secret, once. */
  record MadeView(@JsonUnwrapped View view, String token) {}

  /** A page of a list. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Page(List<View> items, @Nullable String next) {}

  private void create(Context ctx) {
    Caller caller = Caller.of(ctx);
    var problems = new Problems();
    Fields body = Fields.of(Bodies.json(ctx), "", problems);
    Participant participant = participant(caller, body);
    Integer uses = body.integer("uses", 1, MOST_USES);
    Instant expiresAt = body.instant("expiresAt");
    String region = ServerFields.region(body);
    Map<String, String> labels = ServerFields.labels(body, problems);
    boolean approval = Boolean.TRUE.equals(body.bool("approval"));
    boolean replaces = Boolean.TRUE.equals(body.bool("replaces"));
    body.done();
    Instant now = clock.instant();
    if (expiresAt != null
        && (!expiresAt.isAfter(now) || expiresAt.isAfter(now.plus(LONGEST_LIFE)))) {
      body.problem(
          "expiresAt", "has passed, or lies more than " + LONGEST_LIFE.toDays() + " days ahead");
    }
    problems.throwIfAny();
    if (participant == null) {
      return;
    }
    var token =
        new JoinToken(
            UUID.randomUUID(),
            participant.id(),
            participant.name(),
            uses == null ? 1 : uses,
            0,
            region,
            labels,
            approval,
            replaces,
            now,
            caller.subject(),
            expiresAt == null ? now.plus(LIFE) : expiresAt,
            null);
    Tokens.Made made = enrolments.make(token);
    Bodies.send(ctx, 201, new MadeView(View.of(token), made.token()));
  }

  /** Null after a problem was noted. */
  private @Nullable Participant participant(Caller caller, Fields body) {
    String name = body.text("participant", 63);
    Short own = caller.participantId();
    if (name == null) {
      if (own == null) {
        body.require("participant");
        return null;
      }
      name = registry.current().participantName(own);
    }
    Participant participant = registry.current().participant(name);
    if (participant == null || !mayAdminister(caller, participant.id())) {
      body.problem("participant", "is " + Problems.shown(name) + ", which is no participant");
      return null;
    }
    if (participant.delivery() != Participant.Delivery.POLL) {
      body.problem("participant", "is " + Problems.shown(name) + ", whose servers do not poll");
      return null;
    }
    return participant;
  }

  static boolean mayAdminister(Caller caller, short participantId) {
    return caller.role() == Role.OPERATOR || caller.isOf(participantId);
  }

  private void list(Context ctx) {
    Bodies.queryKnows(ctx, Set.of("limit", "cursor"));
    int limit = Bodies.queryInt(ctx, "limit", 100, 1, 1_000);
    UUID after = cursor(ctx);
    Caller caller = Caller.of(ctx);
    List<JoinToken> rows =
        enrolments.read(
            handle -> JoinTokenStore.list(handle, caller.participantId(), after, limit + 1));
    List<View> items = rows.stream().limit(limit).map(View::of).toList();
    Bodies.send(
        ctx, 200, new Page(items, rows.size() > limit ? items.getLast().id().toString() : null));
  }

  static UUID cursor(Context ctx) {
    String cursor = Bodies.queryText(ctx, "cursor");
    try {
      return cursor == null ? FIRST : UUID.fromString(cursor);
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid("/query/cursor", "is none that a list gave");
    }
  }

  private void revoke(Context ctx) {
    Caller caller = Caller.of(ctx);
    UUID id = id(ctx, "There is no such join token.");
    JoinToken token =
        enrolments
            .read(handle -> JoinTokenStore.byId(handle, id))
            .filter(found -> mayAdminister(caller, found.participantId()))
            .orElseThrow(() -> ApiException.notFound("There is no such join token."));
    if (!enrolments.revoke(token)) {
      throw ApiException.notFound("The join token was revoked already.");
    }
    ctx.status(204);
  }

  static UUID id(Context ctx, String otherwise) {
    try {
      return UUID.fromString(ctx.pathParam("id"));
    } catch (IllegalArgumentException e) {
      throw ApiException.notFound(otherwise);
    }
  }
}
