// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.enrolment;

import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.auth.TokenHash;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** The statements on join tokens. */
final class JoinTokenStore {
  private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

  private static final String COLUMNS =
      """
      select j.id, j.participant_id, p.name, j.uses, j.used, j.region, j.labels::text, j.approval, j.replaces,
             j.created_at, j.created_by, j.expires_at, j.revoked_at
      from join_token j join participant p on p.id = j.participant_id
      """;

  private JoinTokenStore() {}

  static void insert(Handle handle, JoinToken token, TokenHash hash) {
    handle
        .createUpdate(
            """
            insert into join_token (id, hash, participant_id, uses, region, labels, approval, replaces, created_by,
                                    expires_at)
            values (:id, decode(:hash, 'hex'), :participant, :uses, :region, :labels::jsonb, :approval, :replaces,
                    :created_by, :expires)
            """)
        .bind("id", token.id())
        .bind("hash", hash.hex())
        .bind("participant", token.participantId())
        .bind("uses", token.uses())
        .bind("region", token.region())
        .bind("labels", Json.MAPPER.writeValueAsString(token.labels()))
        .bind("approval", token.approval())
        .bind("replaces", token.replaces())
        .bind("created_by", token.createdBy())
        .bind("expires", token.expiresAt().atOffset(ZoneOffset.UTC))
        .execute();
  }

  /** By id, after the one given; of one participant, or of all. */
  static List<JoinToken> list(Handle handle, @Nullable Short participantId, UUID after, int limit) {
    return handle
        .createQuery(
            COLUMNS
                + """
                where j.id > :after and (:participant::int is null or j.participant_id = :participant::int)
                order by j.id limit :limit
                """)
        .bind("participant", participantId == null ? null : Integer.valueOf(participantId))
        .bind("after", after)
        .bind("limit", limit)
        .map((rs, context) -> row(rs))
        .list();
  }

  static Optional<JoinToken> byId(Handle handle, UUID id) {
    return handle
        .createQuery(COLUMNS + "where j.id = :id")
        .bind("id", id)
        .map((rs, context) -> row(rs))
        .findOne();
  }

  /** Of a participant that is still there; requests with it come one after the other. */
  static Optional<JoinToken> lock(Handle handle, TokenHash hash) {
    return handle
        .createQuery(
            COLUMNS
                + """
                where j.hash = decode(:hash, 'hex') and p.removed_at is null
                for no key update of j
                """)
        .bind("hash", hash.hex())
        .map((rs, context) -> row(rs))
        .findOne();
  }

  static void use(Handle handle, UUID id) {
    handle
        .createUpdate("update join_token set used = used + 1 where id = :id")
        .bind("id", id)
        .execute();
  }

  static boolean revoke(Handle handle, UUID id) {
    return handle
            .createUpdate(
                "update join_token set revoked_at = clock_timestamp() where id = :id and revoked_at"
                    + " is null")
            .bind("id", id)
            .execute()
        > 0;
  }

  private static JoinToken row(ResultSet rs) throws SQLException {
    return new JoinToken(
        rs.getObject(1, UUID.class),
        rs.getShort(2),
        rs.getString(3),
        rs.getInt(4),
        rs.getInt(5),
        rs.getString(6),
        Json.MAPPER.readValue(rs.getString(7), LABELS),
        rs.getBoolean(8),
        rs.getBoolean(9),
        rs.getObject(10, OffsetDateTime.class).toInstant(),
        rs.getString(11),
        rs.getObject(12, OffsetDateTime.class).toInstant(),
        time(rs, 13));
  }

  static @Nullable Instant time(ResultSet rs, int column) throws SQLException {
    OffsetDateTime time = rs.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
