// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import dev.rollcall.server.db.Pool;
import dev.rollcall.server.lifecycle.PeriodicTask;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.server.web.ApiException;
import dev.rollcall.server.web.HttpServer;
import dev.rollcall.server.web.Route;
import io.javalin.http.Context;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
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

  /** Where the listener leaves what a client showed and an authority vouches for. */
  private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

  private static final X509Certificate[] NONE = {};

  private final Pool changes;
  private final Pool reads;
  private final InstantSource clock;
  private final @Nullable TokenHash adminToken;
  private final SecureRandom random = new SecureRandom();
  private final TokenUses uses;
  private final TokenMemory memory;
  private final TokenLookups lookups;
  private final PeriodicTask ends =
      new PeriodicTask("tokens", Duration.ofSeconds(1), this::seeEnds);

  /**
   * @param adminToken an operator's token that is valid without standing in the database; null:
   *     none
   */
  public Tokens(
      Pool changes, Pool reads, InstantSource clock, @Nullable String adminToken, Metrics metrics) {
    this.changes = changes;
    this.reads = reads;
    this.clock = clock;
    this.adminToken = adminToken == null ? null : TokenHash.of(adminToken);
    this.uses = new TokenUses(changes);
    this.memory = new TokenMemory(clock);
    this.lookups = new TokenLookups(reads, metrics);
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
    memory.onEnded(listener);
  }

  @Override
  public void admit(Context ctx, Route route) {
    String header = ctx.header("Authorization");
    X509Certificate[] chain =
        ctx.req().getAttribute(CERTIFICATES) instanceof X509Certificate[] c ? c : NONE;
    Caller caller =
        header == null && chain.length > 0
            ? authenticate(new ClientCertificate(chain[0]))
            : authenticate(header);
    caller.attach(ctx);
    if (!(route.access() instanceof Access access) || !access.roles().contains(caller.role())) {
      throw ApiException.forbidden("A token of role " + caller.role().word() + " may not do this.");
    }
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
    TokenMemory.Known found = memory.known(hash);
    if (found == null && TOKEN.matcher(token).matches() && !memory.isRefused(hash)) {
      found = remember(hash, lookups.byHash(hash));
    }
    return admitted(found, "The token is unknown, expired or revoked.");
  }

  /** A certificate is looked for by its names once, and then known as a token is. */
  Caller authenticate(ClientCertificate certificate) {
    if (!certificate.isValidAt(clock.instant())) {
      throw ApiException.unauthenticated("The client certificate is not valid now.");
    }
    TokenHash hash = certificate.fingerprint();
    TokenMemory.Known found = memory.known(hash);
    if (found == null && !memory.isRefused(hash)) {
      found = remember(hash, lookups.byCertificate(certificate.names()));
    }
    return admitted(found, "The client certificate has no name that is known here, or several.");
  }

  private Caller admitted(TokenMemory.@Nullable Known found, String otherwise) {
    if (found == null || memory.isPast(found.expiresAt())) {
      throw ApiException.unauthenticated(otherwise);
    }
    UUID id = found.caller().tokenId();
    if (id != null) {
      uses.used(id, found.mark());
    }
    return found.caller();
  }

  private TokenMemory.@Nullable Known remember(TokenHash hash, Optional<TokenStore.Row> row) {
    if (row.isEmpty()) {
      memory.refuse(hash);
      return null;
    }
    return memory.remember(hash, caller(row.get()), row.get().id(), row.get().expiresAt());
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
  public record Made(UUID id, String token) {
    /** Without the token. */
    @Override
    public String toString() {
      return "token " + id;
    }
  }

  /**
   * Makes a token for a holder, whose {@code tokenId} is not looked at.
   *
   * @throws ApiException 409 when the holder was removed
   */
  public Made make(Caller holder, @Nullable Instant expiresAt) {
    Secret secret = secret();
    changes.inTransaction(handle -> insert(handle, secret, holder, expiresAt));
    memory.unrefuse(secret.hash());
    return secret.made();
  }

  private static UUID insert(
      Handle handle, Secret secret, Caller holder, @Nullable Instant expiresAt) {
    keepHolder(handle, holder);
    TokenStore.insert(handle, secret.made().id(), secret.hash(), holder, expiresAt, null);
    note(handle, "token-create", secret.made().id());
    return secret.made().id();
  }

  private static void keepHolder(Handle handle, Caller holder) {
    if (!TokenStore.keepHolder(handle, holder)) {
      throw ApiException.conflict("conflict", "What the token is to be for was just removed.");
    }
  }

  /**
   * Lets a holder show a certificate of a name instead of a token.
   *
   * @throws ApiException 409 when the name stands for somebody already, or the holder was removed
   */
  UUID admitCertificate(Caller holder, String name, @Nullable Instant expiresAt) {
    Secret nobodys = secret();
    UUID id = nobodys.made().id();
    boolean admitted =
        changes.inTransaction(handle -> {
          keepHolder(handle, holder);
          if (!TokenStore.insert(handle, id, nobodys.hash(), holder, expiresAt, name)) {
            return false;
          }
          note(handle, "token-create", id);
          return true;
        });
    if (!admitted) {
      throw ApiException.conflict(
          "conflict", "Another token is for this certificate; it is to be revoked first.");
    }
    return id;
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
    revoked.forEach(id -> note(handle, "token-revoke", id));
    insert(handle, secret, new Caller(Role.SERVER, null, participantId, null, serverId), null);
    return new Handover(secret.made(), revoked);
  }

  /** From this moment on this node, and within two seconds on the others. */
  public void handedOver(Handover handover) {
    if (!handover.revoked().isEmpty()) {
      memory.forget(handover.revoked());
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
          keepHolder(
              handle, caller(TokenStore.byId(handle, id).orElseThrow())); // before its tokens
          TokenStore.Row old = TokenStore.lock(handle, id).orElseThrow();
          if (old.revokedAt() != null || memory.isPast(old.expiresAt())) {
            throw ApiException.conflict("conflict", "The token has expired or was revoked.");
          }
          if (old.certificate() != null) {
            throw ApiException.conflict(
                "conflict", "A certificate is its secret; whoever issued that one issues another.");
          }
          if (old.replacedBy() != null) {
            throw ApiException.conflict(
                "conflict", "The token was replaced already, by " + old.replacedBy() + ".");
          }
          Instant newExpiry = expiresAt == null ? old.expiresAt() : expiresAt;
          UUID by = insert(handle, secret, caller(old), newExpiry);
          note(handle, "token-rotate", id);
          return new Rotated(
              secret.made(), TokenStore.replace(handle, id, by, overlapSeconds), newExpiry);
        });
    memory.unrefuse(secret.hash());
    memory.endAt(id, rotated.previousEndsAt());
    memory.seeExpiries();
    return rotated;
  }

  /** Whether anybody could log in with a token of the database. */
  public boolean anyExist() {
    return reads.withHandle(TokenStore::exist);
  }

  int waiting() {
    return lookups.waiting();
  }

  <T> T read(Function<Handle, T> query) {
    return reads.withHandle(query);
  }

  /** From this moment on this node, and within two seconds on the others. */
  public void revoke(UUID id) {
    changes.inTransaction(handle -> {
      note(handle, "token-revoke", id);
      TokenStore.revoke(handle, id);
      return id;
    });
    memory.forget(Set.of(id));
  }

  private static void note(Handle handle, String action, UUID id) {
    TokenStore.byId(handle, id)
        .ifPresent(row ->
            AuditStore.note(
                handle,
                Act.by(Caller.current(), action, "tokens/" + id)
                    .concerning(row.participantId())
                    .with("role", row.role())
                    .with("scope", row.scope())));
  }

  /** What ended since the last time, here or at another node. */
  void seeEnds() {
    memory.tellAgain();
    memory.seeExpiries();
    Set<UUID> revoked = new HashSet<>();
    for (TokenStore.Ended ended :
        reads.withHandle(handle -> TokenStore.endedSince(handle, TokenMemory.OVERLAP_SECONDS))) {
      if (memory.isForgotten(ended.id())) {
        continue;
      }
      if (ended.endsAt() == null) {
        revoked.add(ended.id());
      } else {
        memory.endAt(ended.id(), ended.endsAt());
      }
    }
    if (!revoked.isEmpty()) {
      memory.forget(revoked);
    }
    memory.seeExpiries();
  }

  @Override
  public void close() {
    ends.close();
    uses.close();
    lookups.close();
  }
}
