// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.enrolment;

import dev.rollcall.server.auth.Act;
import dev.rollcall.server.auth.AuditStore;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.auth.TokenHash;
import dev.rollcall.server.auth.Tokens;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.registry.Participant;
import dev.rollcall.server.registry.RegistryService;
import dev.rollcall.server.web.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Join tokens, the machines that ask with them, and what becomes of those. Thread-safe. */
public final class Enrolments {
  static final String PREFIX = "rcj_";
  private static final Pattern JOIN_TOKEN = Pattern.compile(PREFIX + "[A-Za-z0-9_-]{43}");

  /**
   * Whoever asks has shown nothing yet: together they hold one connection at a time, or a flood of
   * invented join tokens would take those of everybody who gives commands.
   */
  private static final int AT_ONCE = 1;

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** For as long a machine may collect what was granted, and collect it again. */
  private static final Duration COLLECT = Duration.ofHours(24);

  private static final Duration COLLECT_AGAIN = Duration.ofHours(1);

  private final Pool changes;
  private final Pool reads;
  private final RegistryService registry;
  private final Tokens tokens;
  private final InstantSource clock;
  private final Semaphore turns = new Semaphore(AT_ONCE, true);

  public Enrolments(
      Pool changes, Pool reads, RegistryService registry, Tokens tokens, InstantSource clock) {
    this.changes = changes;
    this.reads = reads;
    this.registry = registry;
    this.tokens = tokens;
    this.clock = clock;
  }

  /**
   * Makes a join token.
   *
   * @param token its id and the times are not looked at, except when it expires
   */
  Tokens.Made make(JoinToken token) {
    String secret = tokens.random(PREFIX);
    changes.inTransaction(handle -> {
      JoinTokenStore.insert(handle, token, TokenHash.of(secret));
      note(handle, "join-token-create", token);
      return token.id();
    });
    return new Tokens.Made(token.id(), secret);
  }

  <T> T read(Function<Handle, T> query) {
    return reads.withHandle(query);
  }

  boolean revoke(JoinToken token) {
    return changes.inTransaction(handle -> {
      boolean revoked = JoinTokenStore.revoke(handle, token.id());
      if (revoked) {
        note(handle, "join-token-revoke", token);
      }
      return revoked;
    });
  }

  private static void note(Handle handle, String action, JoinToken token) {
    AuditStore.note(
        handle,
        Act.by(Caller.current(), action, "join-tokens/" + token.id())
            .concerning(token.participantId())
            .with("uses", token.uses()));
  }

  /** False when it is not pending any more, or its join token was revoked. */
  boolean decide(Enrolment enrolment, boolean approve, Caller by, @Nullable String reason) {
    return changes.inTransaction(handle -> {
      boolean decided =
          EnrolmentStore.decide(handle, enrolment.id(), approve, by.subject(), reason);
      if (decided) {
        String action = approve ? "enrolment-approve" : "enrolment-refuse";
        AuditStore.note(
            handle,
            Act.by(by, action, "enrolments/" + enrolment.id())
                .concerning(enrolment.participantId())
                .with("server", enrolment.fullName())
                .with("reason", reason));
      }
      return decided;
    });
  }

  /**
   * What a machine is answered.
   *
   * @param credential null: it is to wait for an approval
   */
  record Answer(Enrolment enrolment, Tokens.@Nullable Made credential) {}

  /** What a machine sends: a join token, a secret of its own, the server it wants to be. */
  record Asked(String joinToken, String claim, String serverName, String address) {
    /** Without the secrets. */
    @Override
    public String toString() {
      return serverName + " from " + address;
    }
  }

  /**
   * Hands a machine its credential if it may have one.
   *
   * @throws ApiException 401, 403 when it was refused, 409 when the claim is spent or for another
   *     server, 503 when too many ask
   */
  Answer enrol(Asked asked) {
    if (!JOIN_TOKEN.matcher(asked.joinToken()).matches()) {
      throw invalidToken();
    }
    try {
      if (!turns.tryAcquire(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
        throw ApiException.unavailable("Too many machines ask at once.", 5);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.unavailable("The server stops.", 1);
    }
    try {
      return enrolInTurn(asked);
    } finally {
      turns.release();
    }
  }

  private static ApiException invalidToken() {
    return ApiException.unauthenticated("The join token is not valid.");
  }

  private Answer enrolInTurn(Asked asked) {
    Step step = changes.inTransaction(handle -> take(handle, asked));
    if (step.enrolment().state() == Enrolment.State.PENDING) {
      return new Answer(step.enrolment(), null);
    }
    Granted granted =
        step.serverIsThere()
            ? changes.inTransaction(handle -> grant(handle, step, asked))
            : registry.change(handle -> grant(handle, step, asked));
    if (granted.handover() != null) {
      tokens.handedOver(granted.handover());
    }
    return new Answer(
        granted.enrolment(), granted.handover() == null ? null : granted.handover().made());
  }

  private record Step(JoinToken join, Enrolment enrolment, boolean serverIsThere) {}

  /** Finds what the machine asked for before, or notes that it asks for it now. */
  private Step take(Handle handle, Asked asked) {
    JoinToken join =
        JoinTokenStore.lock(handle, TokenHash.of(asked.joinToken()))
            .filter(found -> found.revokedAt() == null)
            .orElseThrow(Enrolments::invalidToken);
    TokenHash claim = TokenHash.of(asked.claim());
    Enrolment enrolment =
        EnrolmentStore.byClaim(handle, join.id(), claim)
            .orElseGet(() -> note(handle, join, claim, asked));
    check(enrolment, asked.serverName());
    boolean isThere =
        EnrolmentStore.server(handle, join.participantId(), asked.serverName()).isPresent();
    return new Step(join, enrolment, isThere);
  }

  private Enrolment note(Handle handle, JoinToken join, TokenHash claim, Asked asked) {
    if (!join.expiresAt().isAfter(clock.instant()) || join.used() >= join.uses()) {
      throw ApiException.unauthenticated("The join token has expired, or is used up.");
    }
    Participant participant = registry.current().participant(join.participantId());
    if (participant == null || participant.delivery() != Participant.Delivery.POLL) {
      throw ApiException.conflict("conflict", "The participant has no servers that poll here.");
    }
    JoinTokenStore.use(handle, join.id());
    boolean taken = EnrolmentStore.hasCredential(handle, join.participantId(), asked.serverName());
    boolean approved = !join.approval() && (!taken || join.replaces());
    UUID id = UUID.randomUUID();
    EnrolmentStore.insert(
        handle, id, join.id(), claim, asked.serverName(), taken, approved, asked.address());
    return EnrolmentStore.byId(handle, id).orElseThrow();
  }

  private void check(Enrolment enrolment, String serverName) {
    if (!enrolment.serverName().equals(serverName)) {
      throw ApiException.conflict(
          "conflict", "The claim was made for the server " + enrolment.serverName() + ".");
    }
    switch (enrolment.state()) {
      case PENDING -> {
        // it waits
      }
      case REFUSED ->
          throw ApiException.forbidden(
              enrolment.reason() == null
                  ? "The enrolment was refused."
                  : "The enrolment was refused: " + enrolment.reason());
      case APPROVED -> checkTime(enrolment.decidedAt(), COLLECT);
      case ENROLLED -> checkTime(enrolment.enrolledAt(), COLLECT_AGAIN);
    }
  }

  private void checkTime(@Nullable Instant since, Duration most) {
    if (since != null && since.plus(most).isBefore(clock.instant())) {
      throw ApiException.conflict(
          "conflict", "The claim is spent: it can be collected for some time only.");
    }
  }

  private record Granted(Enrolment enrolment, Tokens.@Nullable Handover handover) {}

  /** Decides once more where nobody did: two may have asked for one name at the same time. */
  private Granted grant(Handle handle, Step step, Asked asked) {
    JoinToken join = step.join();
    UUID id = step.enrolment().id();
    String name = step.enrolment().serverName();
    Optional<Integer> there = EnrolmentStore.lockServer(handle, join.participantId(), name);
    Enrolment now = EnrolmentStore.lock(handle, id).orElseThrow();
    if (now.state() == Enrolment.State.APPROVED
        && now.decidedBy() == null
        && !join.replaces()
        && EnrolmentStore.hasCredential(handle, join.participantId(), name)) {
      EnrolmentStore.defer(handle, id);
      return new Granted(EnrolmentStore.byId(handle, id).orElseThrow(), null);
    }
    if (there.isEmpty() && step.serverIsThere()) {
      throw ApiException.unavailable("The server is being removed.", 1);
    }
    int serverId = there.orElseGet(() -> EnrolmentStore.insertServer(handle, join, name));
    Tokens.Handover handover = tokens.handOver(handle, join.participantId(), serverId);
    EnrolmentStore.enrolled(handle, id, handover.made().id());
    AuditStore.note(
        handle,
        Act.byStranger("join-token:" + join.id(), asked.address(), "enrol", "enrolments/" + id)
            .concerning(join.participantId())
            .with("server", now.fullName())
            .with("token", handover.made().id().toString()));
    return new Granted(EnrolmentStore.byId(handle, id).orElseThrow(), handover);
  }
}
