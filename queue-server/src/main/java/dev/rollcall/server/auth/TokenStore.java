// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements on tokens. */
final class TokenStore {
  private static final String COLUMNS =
      """
      select t.id, t.role, coalesce(t.participant_id, c.participant_id, s.participant_id), t.customer_id, t.server_id,
             t.created_at, t.expires_at, t.revoked_at, u.last_used_at, t.replaced_by, t.certificate,
             case t.role when 'customer' then p.name || '/' || c.name
                         when 'server' then p.name || '/' || s.name
                         else p.name end as scope,
             encode(t.hash, 'hex')
      from token t
      left join token_use u on u.token_id = t.id
      left join customer c on c.id = t.customer_id
      left join server s on s.id = t.server_id
      left join participant p on p.id = coalesce(t.participant_id, c.participant_id, s.participant_id)
      """;

  private TokenStore() {}

  private static final String USES =
      """
      insert into token_use (token_id, last_used_at)
      select u.token_id, clock_timestamp() - make_interval(secs => u.ago)
      from unnest(:tokens::uuid[], :ago::float8[]) u(token_id, ago)
      order by u.token_id
      on conflict (token_id) do update
      set last_used_at = greatest(token_use.last_used_at, excluded.last_used_at)
      """;

  private static final String ENDED_SINCE =
      """
      select id, null::timestamptz from token where revoked_at > now() - make_interval(secs => :seconds)
      union all
      select id, expires_at from token where replaced_at > now() - make_interval(secs => :seconds)
        and revoked_at is null
      """;

  /** A token, valid or not. */
  record Row(
      UUID id,
      String role,
      @Nullable Short participantId,
      @Nullable Integer customerId,
      @Nullable Integer serverId,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable Instant revokedAt,
      @Nullable Instant lastUsedAt,
      @Nullable UUID replacedBy,
      @Nullable String certificate,
      @Nullable String scope) {}

  /** Those that are valid, by their hash. */
  static Map<TokenHash, Row> valid(Handle handle, Collection<TokenHash> hashes) {
    return handle
        .createQuery(
            COLUMNS
                + "where t.hash = any(array(select decode(h, 'hex') from unnest(:hashes::text[])"
                + " h)) and t.revoked_at is null and (t.expires_at is null or t.expires_at >"
                + " now())")
        .bind("hashes", hashes.stream().map(TokenHash::hex).toArray(String[]::new))
        .map((rs, context) -> Map.entry(new TokenHash(rs.getString(13)), row(rs)))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Those that are valid and known by one of these names of a certificate. */
  static List<Row> validByCertificate(Handle handle, Collection<String> names) {
    return handle
        .createQuery(
            COLUMNS
                + "where t.certificate = any(:names::text[]) and t.revoked_at is null"
                + " and (t.expires_at is null or t.expires_at > now())")
        .bind("names", names.toArray(String[]::new))
        .map((rs, context) -> row(rs))
        .list();
  }

  /**
   * By id, after the one given; of one participant, or of all.
   *
   * @param onlyValid leaves out what has expired or was revoked
   */
  static List<Row> list(
      Handle handle, @Nullable Short participantId, boolean onlyValid, UUID after, int limit) {
    return handle
        .createQuery(
            COLUMNS
                + """
                where t.id > :after
                  and (not :only_valid or t.revoked_at is null and (t.expires_at is null or t.expires_at > now()))
                  and (:participant::int is null
                       or coalesce(t.participant_id, c.participant_id, s.participant_id) = :participant::int)
                order by t.id limit :limit
                """)
        .bind("participant", participantId == null ? null : Integer.valueOf(participantId))
        .bind("only_valid", onlyValid)
        .bind("after", after)
        .bind("limit", limit)
        .map((rs, context) -> row(rs))
        .list();
  }

  static Optional<Row> byId(Handle handle, UUID id) {
    return handle
        .createQuery(COLUMNS + "where t.id = :id")
        .bind("id", id)
        .map((rs, context) -> row(rs))
        .findOne();
  }

  /** As {@link #byId}; nobody else changes it before the transaction ends. */
  static Optional<Row> lock(Handle handle, UUID id) {
    return handle
        .createQuery(COLUMNS + "where t.id = :id for no key update of t")
        .bind("id", id)
        .map((rs, context) -> row(rs))
        .findOne();
  }

  private static Row row(ResultSet rs) throws SQLException {
    return new Row(
        rs.getObject(1, UUID.class),
        rs.getString(2),
        rs.getObject(3) == null ? null : rs.getShort(3),
        rs.getObject(4) == null ? null : rs.getInt(4),
        rs.getObject(5) == null ? null : rs.getInt(5),
        rs.getObject(6, OffsetDateTime.class).toInstant(),
        time(rs, 7),
        time(rs, 8),
        time(rs, 9),
        rs.getObject(10, UUID.class),
        rs.getString(11),
        rs.getString(12));
  }

  private static @Nullable Instant time(ResultSet rs, int column) throws SQLException {
    OffsetDateTime time = rs.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  /**
   * Whether what a token is to be for is there, and will be until this transaction ends: whoever
   * removes it revokes its tokens afterwards.
   */
  static boolean keepHolder(Handle handle, Caller holder) {
    if (holder.serverId() != null) {
      return keep(handle, "server", holder.serverId());
    }
    if (holder.customerId() != null) {
      return keep(handle, "customer", holder.customerId());
    }
    return holder.participantId() == null
        || keep(handle, "participant", Integer.valueOf(holder.participantId()));
  }

  private static boolean keep(Handle handle, String table, int id) {
    return handle
        .createQuery(
            "select true from " + table + " where id = :id and removed_at is null for share")
        .bind("id", id)
        .mapTo(Boolean.class)
        .findOne()
        .isPresent();
  }

  /**
   * @param certificate null: a token in the narrow sense
   * @return false when another one, that was not revoked, has this certificate
   */
  static boolean insert(
      Handle handle,
      UUID id,
      TokenHash hash,
      Caller holder,
      @Nullable Instant expiresAt,
      @Nullable String certificate) {
    return handle
            .createUpdate(
                """
                insert into token (id, hash, role, participant_id, customer_id, server_id, expires_at, certificate)
                values (:id, decode(:hash, 'hex'), :role, :participant, :customer, :server, :expires, :certificate)
                on conflict (certificate) where certificate is not null and revoked_at is null do nothing
                """)
            .bind("id", id)
            .bind("hash", hash.hex())
            .bind("role", holder.role().word())
            .bind("participant", namesParticipant(holder.role()) ? holder.participantId() : null)
            .bind("customer", holder.customerId())
            .bind("server", holder.serverId())
            .bind("expires", expiresAt == null ? null : expiresAt.atOffset(ZoneOffset.UTC))
            .bind("certificate", certificate)
            .execute()
        > 0;
  }

  /** A customer's and a server's participant follows from the customer and the server. */
  private static boolean namesParticipant(Role role) {
    return role != Role.CUSTOMER && role != Role.SERVER;
  }

  static void revoke(Handle handle, UUID id) {
    handle
        .createUpdate(
            "update token set revoked_at = clock_timestamp() where id = :id and revoked_at is null")
        .bind("id", id)
        .execute();
  }

  static List<UUID> revokeOfServer(Handle handle, int serverId) {
    return handle
        .createQuery(
            """
            update token set revoked_at = clock_timestamp()
            where server_id = :server and role = 'server' and revoked_at is null
            returning id
            """)
        .bind("server", serverId)
        .mapTo(UUID.class)
        .list();
  }

  /** Lets a token live on for so long at most; answers when it ends. */
  static Instant replace(Handle handle, UUID id, UUID by, int overlapSeconds) {
    return handle
        .createQuery(
            """
            update token set replaced_at = clock_timestamp(), replaced_by = :by,
              expires_at = least(expires_at, clock_timestamp() + make_interval(secs => :seconds))
            where id = :id returning expires_at
            """)
        .bind("id", id)
        .bind("by", by)
        .bind("seconds", overlapSeconds)
        .mapTo(OffsetDateTime.class)
        .one()
        .toInstant();
  }

  static boolean exist(Handle handle) {
    return handle
        .createQuery("select exists(select from token where revoked_at is null)")
        .mapTo(Boolean.class)
        .one();
  }

  /**
   * A token whose end was moved.
   *
   * @param endsAt null: it was revoked
   */
  record Ended(UUID id, @Nullable Instant endsAt) {}

  /** Revoked or replaced since then; asked with overlap, since commits come late. */
  static List<Ended> endedSince(Handle handle, int seconds) {
    return handle
        .createQuery(ENDED_SINCE)
        .bind("seconds", seconds)
        .map((rs, context) -> new Ended(rs.getObject(1, UUID.class), time(rs, 2)))
        .list();
  }

  /** Notes when tokens were used, in seconds before now; an earlier time changes nothing. */
  static int used(Handle handle, Map<UUID, Double> secondsAgo) {
    return handle
        .createUpdate(USES)
        .bind("tokens", secondsAgo.keySet().stream().map(UUID::toString).toArray(String[]::new))
        .bind("ago", secondsAgo.values().stream().mapToDouble(Double::doubleValue).toArray())
        .execute();
  }
}
