// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements on tokens. */
final class TokenStore {
  private static final String COLUMNS =
      """
      select t.id, t.role, coalesce(t.participant_id, c.participant_id, s.participant_id), t.customer_id, t.server_id,
             t.created_at, t.expires_at,
             case t.role when 'customer' then p.name || '/' || c.name
                         when 'server' then p.name || '/' || s.name
                         else p.name end as scope
      from token t
      left join customer c on c.id = t.customer_id
      left join server s on s.id = t.server_id
      left join participant p on p.id = coalesce(t.participant_id, c.participant_id, s.participant_id)
      """;

  private TokenStore() {}

  /** A token that is valid now. */
  record Row(
      UUID id,
      String role,
      @Nullable Short participantId,
      @Nullable Integer customerId,
      @Nullable Integer serverId,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable String scope) {}

  static Optional<Row> valid(Handle handle, TokenHash hash) {
    return handle
        .createQuery(
            COLUMNS
                + "where t.hash = decode(:hash, 'hex') and t.revoked_at is null"
                + " and (t.expires_at is null or t.expires_at > now())")
        .bind("hash", hash.hex())
        .map((rs, context) -> row(rs))
        .findOne();
  }

  /** Those that are valid, by id, after the one given; of one participant, or of all. */
  static List<Row> list(Handle handle, @Nullable Short participantId, UUID after, int limit) {
    return handle
        .createQuery(
            COLUMNS
                + """
                where t.revoked_at is null and (t.expires_at is null or t.expires_at > now()) and t.id > :after
                  and (:participant::int is null
                       or coalesce(t.participant_id, c.participant_id, s.participant_id) = :participant::int)
                order by t.id limit :limit
                """)
        .bind("participant", participantId == null ? null : Integer.valueOf(participantId))
        .bind("after", after)
        .bind("limit", limit)
        .map((rs, context) -> row(rs))
        .list();
  }

  static Optional<Row> byId(Handle handle, UUID id) {
    return handle
        .createQuery(COLUMNS + "where t.id = :id and t.revoked_at is null")
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
        rs.getObject(7) == null ? null : rs.getObject(7, OffsetDateTime.class).toInstant(),
        rs.getString(8));
  }

  static void insert(
      Handle handle, UUID id, TokenHash hash, Caller holder, @Nullable Instant expiresAt) {
    handle
        .createUpdate(
            """
            insert into token (id, hash, role, participant_id, customer_id, server_id, expires_at)
            values (:id, decode(:hash, 'hex'), :role, :participant, :customer, :server, :expires)
            """)
        .bind("id", id)
        .bind("hash", hash.hex())
        .bind("role", holder.role().word())
        .bind("participant", namesParticipant(holder.role()) ? holder.participantId() : null)
        .bind("customer", holder.customerId())
        .bind("server", holder.serverId())
        .bind("expires", expiresAt == null ? null : expiresAt.atOffset(ZoneOffset.UTC))
        .execute();
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

  static boolean exist(Handle handle) {
    return handle
        .createQuery("select exists(select from token where revoked_at is null)")
        .mapTo(Boolean.class)
        .one();
  }

  /** Revoked since then; asked with some seconds of overlap, since commits come late. */
  static List<UUID> revokedSince(Handle handle, int seconds) {
    return handle
        .createQuery(
            "select id from token where revoked_at > now() - make_interval(secs => :seconds)")
        .bind("seconds", seconds)
        .mapTo(UUID.class)
        .list();
  }
}
