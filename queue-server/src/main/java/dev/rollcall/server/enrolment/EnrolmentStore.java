// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.enrolment;

import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.auth.TokenHash;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements on machines that asked, and on the servers they become. */
final class EnrolmentStore {
  private static final String COLUMNS =
      """
      select e.id, e.join_token_id, j.participant_id, p.name, e.server_name, e.state, e.had_credential, e.address,
             e.requested_at, e.decided_at, e.decided_by, e.reason, e.enrolled_at
      from enrolment e
      join join_token j on j.id = e.join_token_id
      join participant p on p.id = j.participant_id
      """;

  private static final String SERVER =
      "select id from server where participant_id = :participant and name = :name and removed_at is"
          + " null";

  private EnrolmentStore() {}

  /**
   * @param state all: null
   */
  static List<Enrolment> list(
      Handle handle,
      @Nullable Short participantId,
      Enrolment.@Nullable State state,
      UUID after,
      int limit) {
    return handle
        .createQuery(
            COLUMNS
                + """
                where e.id > :after and (:participant::int is null or j.participant_id = :participant::int)
                  and (:state::text is null or e.state = :state::text)
                order by e.id limit :limit
                """)
        .bind("participant", participantId == null ? null : Integer.valueOf(participantId))
        .bind("state", state == null ? null : state.word())
        .bind("after", after)
        .bind("limit", limit)
        .map((rs, context) -> row(rs))
        .list();
  }

  static Optional<Enrolment> byId(Handle handle, UUID id) {
    return handle
        .createQuery(COLUMNS + "where e.id = :id")
        .bind("id", id)
        .map((rs, context) -> row(rs))
        .findOne();
  }

  static Optional<Enrolment> lock(Handle handle, UUID id) {
    return handle
        .createQuery(COLUMNS + "where e.id = :id for no key update of e")
        .bind("id", id)
        .map((rs, context) -> row(rs))
        .findOne();
  }

  static Optional<Enrolment> byClaim(Handle handle, UUID joinTokenId, TokenHash claim) {
    return handle
        .createQuery(
            COLUMNS + "where e.join_token_id = :join and e.claim_hash = decode(:claim, 'hex')")
        .bind("join", joinTokenId)
        .bind("claim", claim.hex())
        .map((rs, context) -> row(rs))
        .findOne();
  }

  static void insert(
      Handle handle,
      UUID id,
      UUID joinTokenId,
      TokenHash claim,
      String serverName,
      boolean hadCredential,
      boolean approved,
      String address) {
    handle
        .createUpdate(
            """
            insert into enrolment (id, join_token_id, claim_hash, server_name, state, had_credential, address, decided_at)
            values (:id, :join, decode(:claim, 'hex'), :name, case when :approved then 'approved' else 'pending' end,
                    :had_credential, :address, case when :approved then clock_timestamp() end)
            """)
        .bind("id", id)
        .bind("join", joinTokenId)
        .bind("claim", claim.hex())
        .bind("name", serverName)
        .bind("had_credential", hadCredential)
        .bind("approved", approved)
        .bind("address", address)
        .execute();
  }

  /** False when it is not pending any more. */
  static boolean decide(
      Handle handle, UUID id, boolean approve, String by, @Nullable String reason) {
    return handle
            .createUpdate(
                """
                update enrolment e set state = case when :approve then 'approved' else 'refused' end,
                  decided_at = clock_timestamp(), decided_by = :by, reason = :reason
                from join_token j
                where e.id = :id and e.state = 'pending' and j.id = e.join_token_id and j.revoked_at is null
                """)
            .bind("approve", approve)
            .bind("by", by)
            .bind("reason", reason)
            .bind("id", id)
            .execute()
        > 0;
  }

  /** What nobody had to decide is to be decided after all. */
  static void defer(Handle handle, UUID id) {
    handle
        .createUpdate(
            "update enrolment set state = 'pending', decided_at = null, had_credential = true where"
                + " id = :id")
        .bind("id", id)
        .execute();
  }

  static void enrolled(Handle handle, UUID id, UUID tokenId) {
    handle
        .createUpdate(
            """
            update enrolment set state = 'enrolled', enrolled_at = coalesce(enrolled_at, clock_timestamp()),
              token_id = :token
            where id = :id
            """)
        .bind("token", tokenId)
        .bind("id", id)
        .execute();
  }

  static Optional<Integer> server(Handle handle, short participantId, String name) {
    return handle
        .createQuery(SERVER)
        .bind("participant", participantId)
        .bind("name", name)
        .mapTo(Integer.class)
        .findOne();
  }

  /** A server that is there; nobody else hands out a credential for it before the end. */
  static Optional<Integer> lockServer(Handle handle, short participantId, String name) {
    return handle
        .createQuery(SERVER + " for no key update")
        .bind("participant", participantId)
        .bind("name", name)
        .mapTo(Integer.class)
        .findOne();
  }

  static boolean hasCredential(Handle handle, short participantId, String name) {
    return handle
        .createQuery(
            """
            select exists(select from token t join server s on s.id = t.server_id
                          where s.participant_id = :participant and s.name = :name and s.removed_at is null
                            and t.revoked_at is null and (t.expires_at is null or t.expires_at > now()))
            """)
        .bind("participant", participantId)
        .bind("name", name)
        .mapTo(Boolean.class)
        .one();
  }

  static int insertServer(Handle handle, JoinToken join, String name) {
    return handle
        .createQuery(
            """
            insert into server (participant_id, name, region, labels)
            values (:participant, :name, :region, :labels::jsonb) returning id
            """)
        .bind("participant", join.participantId())
        .bind("name", name)
        .bind("region", join.region())
        .bind("labels", Json.MAPPER.writeValueAsString(join.labels()))
        .mapTo(Integer.class)
        .one();
  }

  private static Enrolment row(ResultSet rs) throws SQLException {
    return new Enrolment(
        rs.getObject(1, UUID.class),
        rs.getObject(2, UUID.class),
        rs.getShort(3),
        rs.getString(4),
        rs.getString(5),
        Enrolment.State.of(rs.getString(6)),
        rs.getBoolean(7),
        rs.getString(8),
        rs.getObject(9, OffsetDateTime.class).toInstant(),
        JoinTokenStore.time(rs, 10),
        rs.getString(11),
        rs.getString(12),
        JoinTokenStore.time(rs, 13));
  }
}
