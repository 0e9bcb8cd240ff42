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
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Tokens: made, checked, replaced, revoked. A valid one is kept in memory, so that a poll costs the
 * database nothing; when one ends, on any node and for whatever reason, each node sees it within
 * two seconds. Thread-safe.
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
  private final List<Consumer<UUID>> endListeners = new CopyOnWriteArrayList<>();
  private final TokenUses uses;
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

  /** Of tokens that may be at work here, the first to expire in front. */
  private final ConcurrentSkipListSet<Expiry> expiries = new ConcurrentSkipListSet<>();

  private final PeriodicTask ends =
      new PeriodicTask("tokens", Duration.ofSeconds(1), this::seeEnds);

  private record Known(Caller caller, @Nullable Instant expiresAt, TokenUses.Mark mark) {}

  private record Expiry(Instant at, UUID id) implements Comparable<Expiry> {
    @Override
    public int compareTo(Expiry other) {
      int byTime = at.compareTo(other.at);
      return byTime == 0 ? id.compareTo(other.id) : byTime;
    }
  }

  /**
   * @param adminToken an operator's token that is valid without standing in the database; null:
   *     none
   */
  public Tokens(Pool changes, Pool reads, InstantSource clock, @Nullable String adminToken) {
    this.changes = changes;
    this.reads = reads;
    this.clock = clock;
    this.adminToken = adminToken == null ? null : TokenHash.of(adminToken);
    this.uses = new TokenUses(changes);
  }

  public void start() {
    ends.start();
    uses.start();
  }

  /**
   * Told of each token that was revoked, on whatever node, and of each that was used here and has
   * expired; at once, and again a second later.
   */
  public void onEnded(Consumer<UUID> listener) {
    endListeners.add(listener);
  }

  @Override
  public void admit(Context ctx, Route route) {
    Caller caller = authenticate(ctx.header("Authorization"));
    if (!(route.access() instanceof Access access) || !access.roles().contains(caller.role())) {
      throw ApiException.forbidden("A token of role " + caller.role().word() + " may not do this.");
    }
    caller.attach(ctx);
  }

  /** What stands behind {@code Bearer}. */
  public static String bearer(@Nullable String header) {
    if (header == null) {
      throw ApiException.unauthenticated("The header Authorization: Bearer TOKEN is missing.");
    }
    if (!header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw ApiException.unauthenticated("The header Authorization must be: Bearer TOKEN.");
    }
    return header.substring(BEARER.length()).strip();
  }

  Caller authenticate(@Nullable String header) {
    String token = bearer(header);
    TokenHash hash = TokenHash.of(token);
    if (adminToken != null && MessageDigest.isEqual(adminToken.bytes(), hash.bytes())) {
      return new Caller(Role.OPERATOR, null, null, null, null);
    }
    Known found = known.getIfPresent(hash);
    if (found == null && TOKEN.matcher(token).matches() && refused.getIfPresent(hash) == null) {
      found = look(hash);
    }
    if (found == null || isPast(found.expiresAt())) {
      throw ApiException.unauthenticated("The token is unknown, expired or revoked.");
    }
    UUID id = found.caller().tokenId();
    if (id != null) {
      uses.used(id, found.mark());
    }
    return found.caller();
  }

  private @Nullable Known look(TokenHash hash) {
    Optional<TokenStore.Row> row = reads.withHandle(handle -> TokenStore.valid(handle, hash));
    if (row.isEmpty()) {
      refused.put(hash, true);
      return null;
    }
    UUID id = row.get().id();
    Instant expiresAt = row.get().expiresAt();
    var found = new Known(caller(row.get()), expiresAt, new TokenUses.Mark());
    if (expiresAt != null) {
      expiries.add(new Expiry(expiresAt, id));
    }
    known.put(hash, found);
    if (forgotten.getIfPresent(id) != null) {
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
    Secret secret = secret();
    changes.inTransaction(handle -> insert(handle, secret, holder, expiresAt));
    refused.invalidate(secret.hash());
    return secret.made();
  }

  private static UUID insert(
      Handle handle, Secret secret, Caller holder, @Nullable Instant expiresAt) {
    TokenStore.insert(handle, secret.made().id(), secret.hash(), holder, expiresAt);
    return secret.made().id();
  }

  private record Secret(Made made, TokenHash hash) {}

  /** A secret of 256 bits that begins with the prefix. */
  public String random(String prefix) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private Secret secret() {
    String token = random(PREFIX);
    return new Secret(new Made(UUID.randomUUID(), token), TokenHash.of(token));
  }

  /**
   * A server's token that was made in a transaction of somebody else's.
   *
   * @param revoked those that others held for the server
   */
  public record Handover(Made made, Set<UUID> revoked) {}

  /**
   * Makes a token for a server and revokes all others that it has. To be followed by {@link
   * #handedOver} when the transaction is committed.
   */
  public Handover handOver(Handle handle, short participantId, int serverId) {
    Secret secret = secret();
    Set<UUID> revoked = Set.copyOf(TokenStore.revokeOfServer(handle, serverId));
    insert(handle, secret, new Caller(Role.SERVER, null, participantId, null, serverId), null);
    return new Handover(secret.made(), revoked);
  }

  /** From this moment on this node, and within two seconds on the others. */
  public void handedOver(Handover handover) {
    if (!handover.revoked().isEmpty()) {
      forget(handover.revoked());
    }
  }

  /**
   * A token that was made in place of another one.
   *
   * @param previousEndsAt when the other one stops being valid
   * @param expiresAt when this one does; null: never
   */
  public record Rotated(Made made, Instant previousEndsAt, @Nullable Instant expiresAt) {}

  /**
   * Makes a token for the holder of another one, which ends when the overlap is over.
   *
   * @param expiresAt of the new one; null: as the other one would have
   * @throws ApiException 409 when the other one is not valid, or is being replaced already
   */
  Rotated rotate(UUID id, int overlapSeconds, @Nullable Instant expiresAt) {
    Secret secret = secret();
    Rotated rotated =
        changes.inTransaction(handle -> {
          TokenStore.Row old = TokenStore.lock(handle, id).orElseThrow();
          if (old.revokedAt() != null || isPast(old.expiresAt())) {
            throw ApiException.conflict("conflict", "The token has expired or was revoked.");
          }
          if (old.replacedBy() != null) {
            throw ApiException.conflict(
                "conflict", "The token was replaced already, by " + old.replacedBy() + ".");
          }
          Instant newExpiry = expiresAt == null ? old.expiresAt() : expiresAt;
          UUID by = insert(handle, secret, caller(old), newExpiry);
          return new Rotated(
              secret.made(), TokenStore.replace(handle, id, by, overlapSeconds), newExpiry);
        });
    refused.invalidate(secret.hash());
    endAt(id, rotated.previousEndsAt());
    seeExpiries();
    return rotated;
  }

  private boolean isPast(@Nullable Instant end) {
    return end != null && !end.isAfter(clock.instant());
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

  /** What ended since the last time, here or at another node. */
  void seeEnds() {
    Set<UUID> again = Set.copyOf(toldOnce);
    toldOnce.removeAll(again);
    tell(again);
    seeExpiries();
    Set<UUID> revoked = new HashSet<>();
    for (TokenStore.Ended ended :
        reads.withHandle(handle -> TokenStore.endedSince(handle, OVERLAP_SECONDS))) {
      if (forgotten.getIfPresent(ended.id()) != null) {
        continue;
      }
      if (ended.endsAt() == null) {
        revoked.add(ended.id());
      } else {
        endAt(ended.id(), ended.endsAt());
      }
    }
    if (!revoked.isEmpty()) {
      forget(revoked);
    }
    seeExpiries();
  }

  /** Also of a token that is remembered without an end, or with a later one. */
  private void endAt(UUID id, Instant end) {
    if (expiries.add(new Expiry(end, id))) {
      known
          .asMap()
          .replaceAll((hash, entry) ->
              id.equals(entry.caller().tokenId())
                  ? new Known(entry.caller(), end, entry.mark())
                  : entry);
    }
  }

  private void seeExpiries() {
    Set<UUID> expired = new HashSet<>();
    Expiry next = expiries.pollFirst();
    while (next != null && isPast(next.at())) {
      expired.add(next.id());
      next = expiries.pollFirst();
    }
    if (next != null) {
      expiries.add(next);
    }
    expired.removeIf(id -> forgotten.getIfPresent(id) != null);
    if (!expired.isEmpty()) {
      forget(expired);
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
    ids.forEach(id -> endListeners.forEach(listener -> listener.accept(id)));
  }

  @Override
  public void close() {
    ends.close();
    uses.close();
  }
}
