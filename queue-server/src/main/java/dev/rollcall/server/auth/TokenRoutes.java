// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.registry.Customer;
import dev.rollcall.server.registry.EdgeServer;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.Registry;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Tokens over HTTP: made and shown once, listed without the secret, replaced, revoked. */
public final class TokenRoutes {
  private static final UUID FIRST = new UUID(0, 0);
  private static final Duration LONGEST_LIFE = Duration.ofDays(36_500);
  private static final int LONGEST_OVERLAP_SECONDS = 7 * 86_400;
  private static final int OVERLAP_SECONDS = 3_600;

  private final Tokens tokens;
  private final RegistryService registry;
  private final InstantSource clock;

  public TokenRoutes(Tokens tokens, RegistryService registry, InstantSource clock) {
    this.tokens = tokens;
    this.registry = registry;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/v1/tokens", Access.ADMINISTRATORS, this::create),
        Route.get("/v1/tokens", Access.ADMINISTRATORS, this::list),
        Route.delete("/v1/tokens/{id}", Access.ADMINISTRATORS, this::revoke),
        Route.post("/v1/tokens/{id}/rotate", Access.ADMINISTRATORS, this::rotate),
        Route.post(
            "/v1/participants/{participant}/servers/{server}/token",
            Access.ADMINISTRATORS,
            this::createForServer),
        Route.post(
            "/v1/participants/{participant}/gateway/token",
            Access.ADMINISTRATORS,
            this::createForGateway));
  }

  /**
   * A token as it is listed.
   *
   * @param scope the full name of what it is for; null: everything
   * @param lastUsedAt to the minute
   * @param certificate the name of the client certificate that is shown instead of a secret
   * @param replacedBy the id of the token that was made in its place
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TokenView(
      UUID id,
      String role,
      @Nullable String scope,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable Instant lastUsedAt,
      @Nullable Instant revokedAt,
      @Nullable UUID replacedBy,
      @Nullable String certificate) {
    static TokenView of(TokenStore.Row row) {
      return new TokenView(
          row.id(),
          row.role(),
          row.scope(),
          row.createdAt(),
          row.expiresAt(),
          row.lastUsedAt(),
          row.revokedAt(),
          row.replacedBy(),
          row.certificate());
    }
  }

  /** A page of a list. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Page(List<TokenView> items, @Nullable String next) {}

  private void create(Context ctx) {
    Caller caller = Caller.of(ctx);
    var problems = new Problems();
    Fields body = Fields.of(Bodies.json(ctx), "", problems);
    body.require("role");
    String word = body.word("role", Role.words());
    String scope = body.text("scope", 200);
    Instant expiresAt = body.instant("expiresAt");
    String certificate = body.text("certificate", 253);
    body.done();
    checkExpiry(body, expiresAt);
    Caller holder = word == null ? null : holder(caller, Role.of(word).orElseThrow(), scope, body);
    if (certificate != null) {
      checkCertificate(caller, holder, certificate, body);
    }
    problems.throwIfAny();
    if (holder == null) {
      return;
    }
    Bodies.send(
        ctx,
        201,
        certificate == null
            ? tokens.make(holder, expiresAt)
            : new AdmittedView(
                tokens.admitCertificate(holder, certificate.toLowerCase(Locale.ROOT), expiresAt)));
  }

  /** A token whose secret is a certificate. */
  record AdmittedView(UUID id) {}

  private static void checkCertificate(
      Caller caller, @Nullable Caller holder, String certificate, Fields body) {
    if (caller.role() != Role.OPERATOR) {
      body.problem("certificate", "is given, which only an operator may do");
    }
    if (holder != null && holder.role() != Role.SERVER && holder.role() != Role.PEER) {
      body.problem("certificate", "is given, which only servers and peers may show");
    }
    if (certificate.isEmpty() || !certificate.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      body.problem(
          "certificate",
          "is "
              + Problems.shown(certificate)
              + "; the name of a certificate in visible ASCII is needed");
    }
  }

  private void checkExpiry(Fields body, @Nullable Instant expiresAt) {
    if (expiresAt != null && !expiresAt.isAfter(clock.instant())) {
      body.problem("expiresAt", "has passed");
    } else if (expiresAt != null && expiresAt.isAfter(clock.instant().plus(LONGEST_LIFE))) {
      body.problem("expiresAt", "lies more than 100 years ahead; leave it out for ever");
    }
  }

  private @Nullable Caller holder(Caller caller, Role role, @Nullable String scope, Fields body) {
    if (!mayGive(caller, role)) {
      body.problem("role", "is \"" + role.word() + "\", which only an operator may give");
      return null;
    }
    if (scope == null) {
      return withoutScope(caller, role, body);
    }
    Registry now = registry.current();
    return switch (role) {
      case OPERATOR -> {
        body.problem("scope", "is given; an operator's token has none");
        yield null;
      }
      case PARTICIPANT, PEER, REPORTER -> {
        Participant participant = now.participant(scope);
        yield participant == null || !mayAdminister(caller, participant.id())
            ? unknown(body, scope, "participant")
            : new Caller(role, null, participant.id(), null, null);
      }
      case CUSTOMER -> {
        Customer customer = now.customer(scope);
        yield customer == null || !mayAdminister(caller, customer.participantId())
            ? unknown(body, scope, "customer")
            : new Caller(role, null, customer.participantId(), customer.id(), null);
      }
      case SERVER -> {
        EdgeServer server = now.server(scope);
        yield server == null || !mayAdminister(caller, server.participantId())
            ? unknown(body, scope, "server")
            : new Caller(role, null, server.participantId(), null, server.id());
      }
    };
  }

  private static boolean mayGive(Caller caller, Role role) {
    return caller.role() == Role.OPERATOR || (role != Role.OPERATOR && role != Role.PEER);
  }

  private static @Nullable Caller withoutScope(Caller caller, Role role, Fields body) {
    if (role == Role.OPERATOR || (role == Role.REPORTER && caller.role() == Role.OPERATOR)) {
      return new Caller(role, null, null, null, null);
    }
    if (caller.participantId() != null && (role == Role.PARTICIPANT || role == Role.REPORTER)) {
      return new Caller(role, null, caller.participantId(), null, null);
    }
    body.problem(
        "scope",
        "is missing; a "
            + role.word()
            + "'s is "
            + (role == Role.CUSTOMER || role == Role.SERVER
                ? "participant/" + role.word()
                : "a participant"));
    return null;
  }

  private static @Nullable Caller unknown(Fields body, String scope, String kind) {
    body.problem("scope", "is " + Problems.shown(scope) + ", which is no " + kind);
    return null;
  }

  private static boolean mayAdminister(Caller caller, short participantId) {
    return caller.role() == Role.OPERATOR || caller.isOf(participantId);
  }

  private void createForServer(Context ctx) {
    createFor(ctx, ctx.pathParam("participant") + "/" + ctx.pathParam("server"));
  }

  private void createForGateway(Context ctx) {
    createFor(ctx, ctx.pathParam("participant") + "/" + EdgeServer.GATEWAY);
  }

  private void createFor(Context ctx, String fullName) {
    EdgeServer server = registry.current().server(fullName);
    if (server == null || !mayAdminister(Caller.of(ctx), server.participantId())) {
      throw ApiException.notFound("There is no server " + Problems.shown(fullName) + ".");
    }
    Bodies.nothing(ctx);
    Bodies.send(
        ctx,
        201,
        tokens.make(
            new Caller(Role.SERVER, null, server.participantId(), null, server.id()), null));
  }

  private void list(Context ctx) {
    Bodies.queryKnows(ctx, Set.of("limit", "cursor", "valid"));
    boolean onlyValid = Bodies.queryFlag(ctx, "valid");
    int limit = Bodies.queryInt(ctx, "limit", 100, 1, 1_000);
    UUID after = cursor(ctx);
    Caller caller = Caller.of(ctx);
    List<TokenStore.Row> rows =
        tokens.read(
            handle -> TokenStore.list(handle, caller.participantId(), onlyValid, after, limit + 1));
    boolean more = rows.size() > limit;
    List<TokenView> items = rows.stream().limit(limit).map(TokenView::of).toList();
    Bodies.send(ctx, 200, new Page(items, more ? items.getLast().id().toString() : null));
  }

  private static UUID cursor(Context ctx) {
    String cursor = Bodies.queryText(ctx, "cursor");
    try {
      return cursor == null ? FIRST : UUID.fromString(cursor);
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid("/query/cursor", "is none that a list gave");
    }
  }

  private void revoke(Context ctx) {
    TokenStore.Row row = owned(ctx);
    if (row.revokedAt() != null) {
      throw ApiException.notFound("The token was revoked already.");
    }
    tokens.revoke(row.id());
    ctx.status(204);
  }

  /**
   * A token that replaces another one.
   *
   * @param replaces the id of the other one
   * @param replacedValidUntil when that one stops being valid
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RotatedView(
      UUID id,
      String token,
      @Nullable Instant expiresAt,
      UUID replaces,
      Instant replacedValidUntil) {}

  private void rotate(Context ctx) {
    TokenStore.Row old = owned(ctx);
    if (!mayGive(Caller.of(ctx), Role.of(old.role()).orElseThrow())) {
      throw ApiException.forbidden(
          "A token of role " + old.role() + " is replaced by an operator only.");
    }
    Instant expiresAt = null;
    Integer overlap = null;
    JsonNode json = Bodies.jsonOrNothing(ctx);
    if (json != null) {
      var problems = new Problems();
      Fields body = Fields.of(json, "", problems);
      overlap = body.integer("overlapSeconds", 0, LONGEST_OVERLAP_SECONDS);
      expiresAt = body.instant("expiresAt");
      body.done();
      checkExpiry(body, expiresAt);
      problems.throwIfAny();
    }
    Tokens.Rotated rotated =
        tokens.rotate(old.id(), overlap == null ? OVERLAP_SECONDS : overlap, expiresAt);
    Bodies.send(
        ctx,
        201,
        new RotatedView(
            rotated.made().id(),
            rotated.made().token(),
            rotated.expiresAt(),
            old.id(),
            rotated.previousEndsAt()));
  }

  /** The token that the path names, if the caller may know of it. */
  private TokenStore.Row owned(Context ctx) {
    Caller caller = Caller.of(ctx);
    UUID id = id(ctx);
    return tokens
        .read(handle -> TokenStore.byId(handle, id))
        .filter(found ->
            caller.role() == Role.OPERATOR
                || (found.participantId() != null && caller.isOf(found.participantId())))
        .orElseThrow(() -> ApiException.notFound("There is no such token."));
  }

  private static UUID id(Context ctx) {
    try {
      return UUID.fromString(ctx.pathParam("id"));
    } catch (IllegalArgumentException e) {
      throw ApiException.notFound("There is no such token.");
    }
  }
}
