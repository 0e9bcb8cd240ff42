// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.enrolment;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.auth.Access;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.Tokens;
import dev.rollcall.server.registry.ServerFields;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.Bodies;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Enrolment over HTTP: machines ask; those who administer look, approve and refuse. */
public final class EnrolmentRoutes {
  private static final Pattern CLAIM = Pattern.compile("[A-Za-z0-9_-]{43,128}");
  private static final int ASK_AGAIN_SECONDS = 5;

  private final Enrolments enrolments;

  public EnrolmentRoutes(Enrolments enrolments) {
    this.enrolments = enrolments;
  }

  public List<Route> routes() {
    return List.of(
        Route.post("/v1/edge/enroll", Route.OPEN, this::enroll),
        Route.get("/v1/enrolments", Access.ADMINISTRATORS, this::list),
        Route.post("/v1/enrolments/{id}/approve", Access.ADMINISTRATORS, this::approve),
        Route.post("/v1/enrolments/{id}/refuse", Access.ADMINISTRATORS, this::refuse));
  }

  /**
   * What a machine is answered.
   *
   * @param id of the token; null: it is to ask again
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Answer(
      String state, String server, UUID enrolment, @Nullable UUID id, @Nullable String token) {}

  private void enroll(Context ctx) {
    String joinToken = Tokens.bearer(ctx.header("Authorization"));
    var problems = new Problems();
    Fields body = Fields.of(Bodies.json(ctx), "", problems);
    String name = ServerFields.name(body);
    String claim = body.requiredText("claim", 1_000);
    if (claim != null && !CLAIM.matcher(claim).matches()) {
      body.problem("claim", "must be 43 to 128 random characters of A-Z, a-z, 0-9, - and _");
    }
    problems.throwIfAny();
    if (name == null || claim == null) {
      return;
    }
    Enrolments.Answer answer =
        enrolments.enrol(new Enrolments.Asked(joinToken, claim, name, ctx.ip()));
    Enrolment enrolment = answer.enrolment();
    Tokens.Made credential = answer.credential();
    if (credential == null) {
      ctx.header("Retry-After", String.valueOf(ASK_AGAIN_SECONDS));
    }
    Bodies.send(
        ctx,
        credential == null ? 202 : 201,
        new Answer(
            enrolment.state().word(),
            enrolment.fullName(),
            enrolment.id(),
            credential == null ? null : credential.id(),
            credential == null ? null : credential.token()));
  }

  /**
   * A machine that asked, as it is listed.
   *
   * @param hadCredential whether somebody held one for that server when it asked
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record View(
      UUID id,
      String server,
      String state,
      boolean hadCredential,
      String address,
      UUID joinToken,
      Instant requestedAt,
      @Nullable Instant decidedAt,
      @Nullable String decidedBy,
      @Nullable String reason,
      @Nullable Instant enrolledAt) {
    static View of(Enrolment enrolment) {
      return new View(
          enrolment.id(),
          enrolment.fullName(),
          enrolment.state().word(),
          enrolment.hadCredential(),
          enrolment.address(),
          enrolment.joinTokenId(),
          enrolment.requestedAt(),
          enrolment.decidedAt(),
          enrolment.decidedBy(),
          enrolment.reason(),
          enrolment.enrolledAt());
    }
  }

  /** A page of a list. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Page(List<View> items, @Nullable String next) {}

  private void list(Context ctx) {
    Bodies.queryKnows(ctx, Set.of("limit", "cursor", "state"));
    int limit = Bodies.queryInt(ctx, "limit", 100, 1, 1_000);
    UUID after = JoinTokenRoutes.cursor(ctx);
    Enrolment.State state = state(ctx);
    Caller caller = Caller.of(ctx);
    List<Enrolment> rows =
        enrolments.read(
            handle -> EnrolmentStore.list(handle, caller.participantId(), state, after, limit + 1));
    List<View> items = rows.stream().limit(limit).map(View::of).toList();
    Bodies.send(
        ctx, 200, new Page(items, rows.size() > limit ? items.getLast().id().toString() : null));
  }

  private static Enrolment.@Nullable State state(Context ctx) {
    String state = Bodies.queryText(ctx, "state");
    if (state != null && !Enrolment.State.words().contains(state)) {
      throw ApiException.invalid(
          "/query/state",
          "is "
              + Problems.shown(state)
              + "; allowed: "
              + String.join(", ", Enrolment.State.words()));
    }
    return state == null ? null : Enrolment.State.of(state);
  }

  private void approve(Context ctx) {
    Enrolment enrolment = owned(ctx);
    Bodies.nothing(ctx);
    decide(ctx, enrolment, true, null);
  }

  private void refuse(Context ctx) {
    Enrolment enrolment = owned(ctx);
    String reason = null;
    JsonNode json = Bodies.jsonOrNothing(ctx);
    if (json != null) {
      var problems = new Problems();
      Fields body = Fields.of(json, "", problems);
      reason = body.text("reason", 500);
      body.done();
      problems.throwIfAny();
    }
    decide(ctx, enrolment, false, reason);
  }

  private void decide(Context ctx, Enrolment enrolment, boolean approve, @Nullable String reason) {
    if (!enrolments.decide(enrolment, approve, Caller.of(ctx), reason)) {
      throw ApiException.conflict(
          "conflict", "The enrolment is not pending, or its join token was revoked.");
    }
    Bodies.send(
        ctx,
        200,
        View.of(
            enrolments.read(handle -> EnrolmentStore.byId(handle, enrolment.id()).orElseThrow())));
  }

  private Enrolment owned(Context ctx) {
    Caller caller = Caller.of(ctx);
    UUID id = JoinTokenRoutes.id(ctx, "There is no such enrolment.");
    return enrolments
        .read(handle -> EnrolmentStore.byId(handle, id))
        .filter(found -> JoinTokenRoutes.mayAdminister(caller, found.participantId()))
        .orElseThrow(() -> ApiException.notFound("There is no such enrolment."));
  }
}
