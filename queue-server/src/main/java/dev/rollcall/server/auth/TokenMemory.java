// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a node remembers of tokens, and who is told when one ends. Thread-safe. */
final class TokenMemory {
  /** How far a look at what ended reaches back: commits come late. */
  static final int OVERLAP_SECONDS = 60;

  private static final int MOST = 200_000;

  private final InstantSource clock;
  private final List<Consumer<UUID>> endListeners = new CopyOnWriteArrayList<>();
  private final Cache<TokenHash, Known> known =
      Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(Duration.ofMinutes(10)).build();

  /**
   * What was not found is remembered for a moment: a daemon with a dead token asks again and again.
   */
  private final Cache<TokenHash, Boolean> refused =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(Duration.ofSeconds(1)).build();

  /**
   * Whose end was seen. For longer than a look at ends reaches back, so that none is taken for a
   * new one; and than a look-up takes, which may find a token just before its end and remember it
   * just after.
   */
  private final Cache<UUID, Boolean> forgotten =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofSeconds(3 * OVERLAP_SECONDS)).build();

  /** To be told a second time: a poll that was let in before may have begun to wait after. */
  private final Set<UUID> toldOnce = ConcurrentHashMap.newKeySet();

  /** Of tokens that may be at work here, the first to expire in front. */
  private final ConcurrentSkipListSet<Expiry> expiries = new ConcurrentSkipListSet<>();

  TokenMemory(InstantSource clock) {
    this.clock = clock;
  }

  /** A token that was valid when it was looked up. */
  record Known(Caller caller, @Nullable Instant expiresAt, TokenUses.Mark mark) {}

  private record Expiry(Instant at, UUID id) implements Comparable<Expiry> {
    @Override
    public int compareTo(Expiry other) {
      int byTime = at.compareTo(other.at);
      return byTime == 0 ? id.compareTo(other.id) : byTime;
    }
  }

  void onEnded(Consumer<UUID> listener) {
    endListeners.add(listener);
  }

  @Nullable Known known(TokenHash hash) {
    return known.getIfPresent(hash);
  }

  boolean isRefused(TokenHash hash) {
    return refused.getIfPresent(hash) != null;
  }

  void refuse(TokenHash hash) {
    refused.put(hash, true);
  }

  void unrefuse(TokenHash hash) {
    refused.invalidate(hash);
  }

  boolean isForgotten(UUID id) {
    return forgotten.getIfPresent(id) != null;
  }

  /** Null when it has ended since it was looked up. */
  @Nullable Known remember(TokenHash hash, Caller caller, UUID id, @Nullable Instant expiresAt) {
    var found = new Known(caller, expiresAt, new TokenUses.Mark());
    if (expiresAt != null) {
      expiries.add(new Expiry(expiresAt, id));
    }
    known.put(hash, found);
    if (isForgotten(id)) {
      known.invalidate(hash);
      return null;
    }
    return found;
  }

  boolean isPast(@Nullable Instant end) {
    return end != null && !end.isAfter(clock.instant());
  }

  /** Also of a token that is remembered without an end, or with a later one. */
  void endAt(UUID id, Instant end) {
    if (expiries.add(new Expiry(end, id))) {
      known
          .asMap()
          .replaceAll((hash, entry) ->
              id.equals(entry.caller().tokenId())
                  ? new Known(entry.caller(), end, entry.mark())
                  : entry);
    }
  }

  /** Forgets what has expired. */
  void seeExpiries() {
    Set<UUID> expired = new HashSet<>();
    Expiry next = expiries.pollFirst();
    while (next != null && isPast(next.at())) {
      expired.add(next.id());
      next = expiries.pollFirst();
    }
    if (next != null) {
      expiries.add(next);
    }
    expired.removeIf(this::isForgotten);
    if (!expired.isEmpty()) {
      forget(expired);
    }
  }

  void forget(Set<UUID> ids) {
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

  void tellAgain() {
    Set<UUID> again = Set.copyOf(toldOnce);
    toldOnce.removeAll(again);
    tell(again);
  }

  private void tell(Set<UUID> ids) {
    ids.forEach(id -> endListeners.forEach(listener -> listener.accept(id)));
  }
}
