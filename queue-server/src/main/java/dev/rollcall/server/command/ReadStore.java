// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The statements that read commands and their counters. */
final class ReadStore {
  private static final String COLUMNS =
      """
      select c.seq, c.id, c.origin_id, c.customer_id, c.operation, c.target::text, c.parameters::text, c.options::text,
             c.configuration_name, c.targeted, c.retry_of, c.created_at, c.started_at, c.cancel_requested_at,
             c.completed_at, c.final_state, c.lane * 8192 + c.origin_id as track, clock_timestamp(), c.queued_at,
             c.configuration_id
      from command c
      """;

  private static final String ROLLUPS =
      """
      select participant_id, sum(targeted), sum(succeeded), sum(failed), sum(rejected), sum(expired), sum(cancelled),
             sum(processed)
      from rollup where seq = :seq group by participant_id order by participant_id
      """;

  private static final String LIVE =
      """
      select t.participant_id,
             count(*) filter (where q.leased_at > '-infinity' and q.visible_at > now())::int,
             bool_or(q.lease_no > 0)
      from command_target t
      cross join lateral unnest(t.server_ids) s(server_id)
      join queue q on q.server_id = s.server_id and q.cell = t.cell and q.track = :track and q.seq = :seq
      where t.seq = :seq
      group by t.participant_id
      """;

  /** By id, which is time-ordered: newest first. */
  private static final String LIST =
      COLUMNS
          + """
          where (:before::uuid is null or c.id < :before::uuid)
            and (:operation::text is null or c.operation = :operation::text)
            and (:configuration::text is null or c.configuration_name = :configuration::text)
            and (:since::timestamptz is null or c.created_at >= :since::timestamptz)
            and (:until::timestamptz is null or c.created_at < :until::timestamptz)
            and (:customer::int is null or c.customer_id = :customer::int)
            and (:seer::int is null or c.origin_id = :seer::int
                 or exists (select from command_target t where t.seq = c.seq and t.participant_id = :seer::int))
            and (:participant::int is null
                 or exists (select from command_target t where t.seq = c.seq and t.participant_id = :participant::int))
            and (:state::text is null or :state::text = case
                   when c.final_state is not null then c.final_state
                   when c.cancel_requested_at is not null then 'cancelling'
                   when c.started_at is not null
                     or exists (select from rollup r where r.seq = c.seq
                                and r.succeeded + r.failed + r.rejected + r.expired + r.cancelled + r.processed > 0)
                     then 'active'
                   else 'pending' end)
          order by c.id desc limit :limit
          """;

  /** Anything that a watcher would call news makes it another number. */
  private static final String VERSIONS =
      """
      select c.id, r.ended + (c.started_at is not null or r.ended > 0)::int + (c.cancel_requested_at is not null)::int
             + (c.completed_at is not null)::int
      from unnest(:ids::uuid[]) w(id)
      join command c on c.id = w.id
      cross join lateral (
        select coalesce(sum(succeeded + failed + rejected + expired + cancelled + processed), 0)::bigint as ended
        from rollup r where r.seq = c.seq) r
      """;

  private ReadStore() {}

  /**
   * A command's row.
   *
   * @param asOf the database's time at which it was read
   */
  record CommandRow(
      long seq,
      UUID id,
      short originId,
      @Nullable Integer customerId,
      String operation,
      JsonNode target,
      JsonNode parameters,
      JsonNode options,
      @Nullable String configuration,
      int targeted,
      @Nullable UUID retryOf,
      Instant createdAt,
      @Nullable Instant startedAt,
      @Nullable Instant cancelRequestedAt,
      @Nullable Instant completedAt,
      @Nullable String finalState,
      short track,
      Instant asOf,
      @Nullable Instant queuedAt,
      @Nullable Integer configurationId) {}

  /** One participant's counters. */
  record RollupRow(
      short participantId,
      int targeted,
      int succeeded,
      int failed,
      int rejected,
      int expired,
      int cancelled,
      int processed) {
    int ended() {
      return succeeded + failed + rejected + expired + cancelled + processed;
    }
  }

  /**
   * What of a participant's part is in the queue.
   *
   * @param leased under a live lease
   * @param handedOut whether any was ever leased
   */
  record LiveRow(short participantId, int leased, boolean handedOut) {}

  static Optional<CommandRow> byId(Handle handle, UUID id) {
    return handle
        .createQuery(COLUMNS + "where c.id = :id")
        .bind("id", id)
        .map((rs, context) -> row(rs))
        .findOne();
  }

  static Map<UUID, Long> versions(Handle handle, Set<UUID> ids) {
    Map<UUID, Long> versions = new HashMap<>();
    handle
        .createQuery(VERSIONS)
        .bind("ids", ids.stream().map(UUID::toString).toArray(String[]::new))
        .map((rs, context) -> versions.put(rs.getObject(1, UUID.class), rs.getLong(2)))
        .list();
    return versions;
  }

  static List<RollupRow> rollups(Handle handle, long seq) {
    return handle
        .createQuery(ROLLUPS)
        .bind("seq", seq)
        .map((rs, context) ->
            new RollupRow(
                rs.getShort(1),
                rs.getInt(2),
                rs.getInt(3),
                rs.getInt(4),
                rs.getInt(5),
                rs.getInt(6),
                rs.getInt(7),
                rs.getInt(8)))
        .list();
  }

  static List<LiveRow> live(Handle handle, long seq, short track) {
    return handle
        .createQuery(LIVE)
        .bind("seq", seq)
        .bind("track", track)
        .map((rs, context) -> new LiveRow(rs.getShort(1), rs.getInt(2), rs.getBoolean(3)))
        .list();
  }

  /** What a list asks for; null: does not matter. */
  record Filter(
      @Nullable String state,
      @Nullable String operation,
      @Nullable String configuration,
      @Nullable Short participantId,
      @Nullable Instant since,
      @Nullable Instant until,
      @Nullable Short seerId,
      @Nullable Integer customerId,
      @Nullable UUID before,
      int limit) {}

  static List<CommandRow> list(Handle handle, Filter filter) {
    return handle
        .createQuery(LIST)
        .bind("state", filter.state)
        .bind("operation", filter.operation)
        .bind("configuration", filter.configuration)
        .bind("participant", integer(filter.participantId))
        .bind("since", utc(filter.since))
        .bind("until", utc(filter.until))
        .bind("seer", integer(filter.seerId))
        .bind("customer", filter.customerId)
        .bind("before", filter.before)
        .bind("limit", filter.limit)
        .map((rs, context) -> row(rs))
        .list();
  }

  private static @Nullable Integer integer(@Nullable Short value) {
    return value == null ? null : Integer.valueOf(value);
  }

  private static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  private static CommandRow row(ResultSet rs) throws SQLException {
    return new CommandRow(
        rs.getLong(1),
        rs.getObject(2, UUID.class),
        rs.getShort(3),
        (Integer) rs.getObject(4),
        rs.getString(5),
        Json.MAPPER.readTree(rs.getString(6)),
        Json.MAPPER.readTree(rs.getString(7)),
        Json.MAPPER.readTree(rs.getString(8)),
        rs.getString(9),
        rs.getInt(10),
        rs.getObject(11, UUID.class),
        instant(rs, 12),
        nullableInstant(rs, 13),
        nullableInstant(rs, 14),
        nullableInstant(rs, 15),
        rs.getString(16),
        rs.getShort(17),
        instant(rs, 18),
        nullableInstant(rs, 19),
        (Integer) rs.getObject(20));
  }

  private static Instant instant(ResultSet rs, int column) throws SQLException {
    return rs.getObject(column, OffsetDateTime.class).toInstant();
  }

  private static @Nullable Instant nullableInstant(ResultSet rs, int column) throws SQLException {
    OffsetDateTime value = rs.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }
}
