// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import dev.rollcall.server.batch.Batcher;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.telemetry.Metrics;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Looks in the database for tokens that are not remembered, many with one statement: after a start
 * thousands of servers ask at once, none of which is known yet. Thread-safe.
 */
final class TokenLookups implements AutoCloseable {
  private static final Batcher.Limits LIMITS =
      new Batcher.Limits("token", 1, 1_000, 50_000, Duration.ofSeconds(20));

  /** Two of the same token are not equal: they may share a batch. */
  private static final class Look {
    private final @Nullable TokenHash hash;
    private final Set<String> names;

    Look(@Nullable TokenHash hash, Collection<String> names) {
      this.hash = hash;
      this.names = Set.copyOf(names);
    }
  }

  private final Pool reads;
  private final Batcher<Look, Optional<TokenStore.Row>> looks;

  TokenLookups(Pool reads, Metrics metrics) {
    this.reads = reads;
    this.looks = new Batcher<>(LIMITS, metrics, look -> look, look -> 1, this::run);
    looks.start();
  }

  /** How many wait for a look that is under way. */
  int waiting() {
    return looks.waiting();
  }

  /** The valid token with this hash. */
  Optional<TokenStore.Row> byHash(TokenHash hash) {
    return looks.call(new Look(hash, Set.of()));
  }

  /** The valid one that stands for a certificate with these names, if there is exactly one. */
  Optional<TokenStore.Row> byCertificate(Collection<String> names) {
    return looks.call(new Look(null, names));
  }

  private List<Optional<TokenStore.Row>> run(List<Look> batch) {
    return reads.withHandle(handle -> run(handle, batch));
  }

  private static List<Optional<TokenStore.Row>> run(Handle handle, List<Look> batch) {
    Set<TokenHash> hashes = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (Look look : batch) {
      if (look.hash != null) {
        hashes.add(look.hash);
      }
      names.addAll(look.names);
    }
    Map<TokenHash, TokenStore.Row> byHash =
        hashes.isEmpty() ? Map.of() : TokenStore.valid(handle, hashes);
    List<TokenStore.Row> byName =
        names.isEmpty() ? List.of() : TokenStore.validByCertificate(handle, names);
    return batch.stream()
        .map(look ->
            look.hash == null
                ? only(byName, look.names)
                : Optional.ofNullable(byHash.get(look.hash)))
        .toList();
  }

  private static Optional<TokenStore.Row> only(List<TokenStore.Row> rows, Set<String> names) {
    List<TokenStore.Row> found =
        rows.stream()
            .filter(row -> names.contains(Objects.requireNonNull(row.certificate())))
            .toList();
    return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
  }

  @Override
  public void close() {
    looks.close();
  }
}
