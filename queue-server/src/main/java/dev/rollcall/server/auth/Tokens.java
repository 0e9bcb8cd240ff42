// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.HttpServer;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Tokens: made, checked, revoked. A valid one is kept in memory, so that a poll costs the database
 * nothing; a revocation on any node is seen on each within two seconds. Thread-safe.
 */
public final class Tokens implements HttpServer.Gatekeeper, AutoCloseable {
  private static final String PREFIX = "rct_";
  private static final String BEARER = "Bearer ";

  /** What {@link #make} makes. Anything else is no token, and no reason to ask the database. */
  private static final Pattern TOKEN = Pattern.compile(PREFIX + "[A-Za-z0-9_-]{43}");

  private static final int MOST_CACHED = 200_000;
  private static final int OVERLAP_SECONDS = 60;

  private final Pool changes;
  private final Pool reads;
  private final InstantSource clock;
  private final @Nullable TokenHash adminToken;
  private final SecureRandom random = new SecureRandom();
  private final List<Consumer<UUID>> revocationListeners = new CopyOnWriteArrayList<>();
  private final Cache<TokenHash, Known> known =
      Caffeine.newBuilder()
          .maximumSize(MOST_CACHED)
          .expireAfterWrite(Duration.ofMinutes(10))
          .build();

  /**
   * What was not found is remembered for a moment: a daemon with a dead token asks again and again.
   */
  private final Cache<TokenHash, Boolean> refused =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofSeconds(1)).build();

  /**
   * Whose revocation was seen. For longer than a look at revocations reaches back, so that none is
   * taken for a new one; and than a look-up takes, which may find a token just before its end and
   * remember it just after.
   */
  private final Cache<UUID, Boolean> forgotten =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofSeconds(3 * OVERLAP_SECONDS)).build();

  /** To be told a second time: a poll that was let in before may have begun to wait after. */
  private final Set<UUID> toldOnce = ConcurrentHashMap.newKeySet();

  private final PeriodicTask revocations =
      new PeriodicTask("tokens", Duration.ofSeconds(1), this::seeRevocations);

  private record Known(Caller caller, @Nullable Instant expiresAt) {}

  /**
   * @param adminToken an operator's token that is valid without standing in the database; null:
   *     none
   */
  public Tokens(Pool changes, Pool reads, InstantSource clock, @Nullable String adminToken) {
    this.changes = changes;
    this.reads = reads;
    this.clock = clock;
    this.adminToken = adminToken == null ? null : TokenHash.of(adminToken);
  }

  public void start() {
    revocations.start();
  }

  /** Told of each token that was revoked, on whatever node; at once, and again a second later. */
  public void onRevoked(Consumer<UUID> listener) {
    revocationListeners.add(listener);
  }

  @Override
  public void admit(Context ctx, Route route) {
    Caller caller = authenticate(ctx.header("Authorization"));
    if (!(route.access() instanceof Access access) || !access.roles().contains(caller.role())) {
      throw ApiException.forbidden("A token of role " + caller.role().word() + " may not do this.");
    }
    caller.attach(ctx);
  }

  Caller authenticate(@Nullable String header) {
    if (header == null) {
      throw ApiException.unauthenticated("The header Authorization: Bearer TOKEN is missing.");
    }
    if (!header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw ApiException.unauthenticated("The header Authorization must be: Bearer TOKEN.");
    }
    String token = header.substring(BEARER.length()).strip();
    TokenHash hash = TokenHash.of(token);
    if (adminToken != null && MessageDigest.isEqual(adminToken.bytes(), hash.bytes())) {
      return new Caller(Role.OPERATOR, null, null, null, null);
    }
    Known found = known.getIfPresent(hash);
    if (found == null && TOKEN.matcher(token).matches() && refused.getIfPresent(hash) == null) {
      found = look(hash);
    }
    if (found == null
        || (found.expiresAt() != null && !found.expiresAt().isAfter(clock.instant()))) {
      throw ApiException.unauthenticated("The token is unknown, expired or revoked.");
    }
    return found.caller();
  }

  private @Nullable Known look(TokenHash hash) {
    Optional<TokenStore.Row> row = reads.withHandle(handle -> TokenStore.valid(handle, hash));
    if (row.isEmpty()) {
      refused.put(hash, true);
      return null;
    }
    var found = new Known(caller(row.get()), row.get().expiresAt());
    known.put(hash, found);
    if (forgotten.getIfPresent(row.get().id()) != null) {
      known.invalidate(hash);
      return null;
    }
    return found;
  }

  static Caller caller(TokenStore.Row row) {
    return new Caller(
        Role.of(row.role()).orElseThrow(),
        row.id(),
        row.participantId(),
        row.customerId(),
        row.serverId());
  }

  /** A token as it is shown once. */
  public record Made(UUID id, String token) {}

  /** Makes a token for a holder, whose {@code tokenId} is not looked at. */
  public Made make(Caller holder, @Nullable Instant expiresAt) {
    byte[] secret = new byte[32];
    random.nextBytes(secret);
    String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    UUID id = UUID.randomUUID();
    TokenHash hash = TokenHash.of(token);
    changes.inTransaction(handle -> {
      TokenStore.insert(handle, id, hash, holder, expiresAt);
      return id;
    });
    refused.invalidate(hash);
    return new Made(id, token);
  }

  /** Whether anybody could log in with a token of the database. */
  public boolean anyExist() {
    return reads.withHandle(TokenStore::exist);
  }

  <T> T read(java.util.function.Function<Handle, T> query) {
    return reads.withHandle(query);
  }

  /** From this moment on this node, and within two seconds on the others. */
  public void revoke(UUID id) {
    changes.inTransaction(handle -> {
      TokenStore.revoke(handle, id);
      return id;
    });
    forget(Set.of(id));
  }

  void seeRevocations() {
    Set<UUID> again = Set.copyOf(toldOnce);
    toldOnce.removeAll(again);
    tell(again);
    Set<UUID> revoked =
        new HashSet<>(reads.withHandle(handle -> TokenStore.revokedSince(handle, OVERLAP_SECONDS)));
    revoked.removeIf(id -> forgotten.getIfPresent(id) != null);
    if (!revoked.isEmpty()) {
      forget(revoked);
    }
  }

  private void forget(Set<UUID> ids) {
    ids.forEach(id -> forgotten.put(id, true));
    known
        .asMap()
        .values()
        .removeIf(entry -> {
          UUID id = entry.caller().tokenId();
          return id != null && ids.contains(id);
        });
    tell(ids);
    toldOnce.addAll(ids);
  }

  private void tell(Set<UUID> ids) {
    ids.forEach(id -> revocationListeners.forEach(listener -> listener.accept(id)));
  }

  @Override
  public void close() {
    revocations.close();
  }
}
