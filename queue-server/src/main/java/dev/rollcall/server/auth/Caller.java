// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import dev.rollcall.server.registry.Reach;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, as their token says.
 *
 * @param tokenId null: the operator's token of the settings
 * @param participantId whose it is; null for operators, and for reporters on everything
 * @param customerId of a customer
 * @param serverId of a server
 * @param address from where; null: not over HTTP
 */
public record Caller(
    Role role,
    @Nullable UUID tokenId,
    @Nullable Short participantId,
    @Nullable Integer customerId,
    @Nullable Integer serverId,
    @Nullable String address) {
  private static final String ATTRIBUTE = Caller.class.getName();
  private static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

  /** A holder of a token, wherever it may call from. */
  public Caller(
      Role role,
      @Nullable UUID tokenId,
      @Nullable Short participantId,
      @Nullable Integer customerId,
      @Nullable Integer serverId) {
    this(role, tokenId, participantId, customerId, serverId, null);
  }

  /** The one who made a request that the gatekeeper let through. */
  public static Caller of(Context ctx) {
    Caller caller = find(ctx);
    if (caller == null) {
      throw new IllegalStateException("the route is open: nobody was asked who they are");
    }
    return caller;
  }

  /** Null when nobody has said who they are. */
  static @Nullable Caller find(Context ctx) {
    return ctx.attribute(ATTRIBUTE);
  }

  /** Who makes the request that this thread serves; null: it serves none. */
  public static @Nullable Caller current() {
    return CURRENT.isBound() ? CURRENT.get() : null;
  }

  /** The same route, in which all that it calls knows its {@link #current} caller. */
  public static Route known(Route route) {
    return route.access() instanceof Access
        ? new Route(
            route.method(),
            route.path(),
            route.access(),
            ctx ->
                ScopedValue.where(CURRENT, of(ctx))
                    .call(() -> {
                      route.handler().handle(ctx);
                      return ctx;
                    }))
        : route;
  }

  void attach(Context ctx) {
    ctx.attribute(
        ATTRIBUTE, new Caller(role, tokenId, participantId, customerId, serverId, ctx.ip()));
  }

  /** Whether nothing is hidden from this caller. */
  public boolean seesAll() {
    return role == Role.OPERATOR || (role == Role.REPORTER && participantId == null);
  }

  /** Whether this caller speaks for, or reads for, a participant. */
  public boolean isOf(short participant) {
    return participantId != null
        && participantId == participant
        && (role == Role.PARTICIPANT || role == Role.REPORTER);
  }

  /** What of the registry is the caller's to read, and to change as far as its role may. */
  public static Reach reach(Context ctx) {
    Caller caller = of(ctx);
    return new Reach(caller.seesAll(), caller.participantId());
  }

  /** Who it was, for the record; never a secret. */
  public String subject() {
    return role.word() + ":" + (tokenId == null ? "settings" : tokenId);
  }

  /** Within what an idempotency key means the same request. */
  public String idempotencyScope() {
    if (customerId != null) {
      return "customer:" + customerId;
    }
    return participantId == null ? "operator" : "participant:" + participantId;
  }
}
