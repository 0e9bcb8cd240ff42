// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
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
  /** Of a command {@code c}. */
  static final String COLUMNS =
      """
      select c.seq, c.id, c.origin_id, c.customer_id, c.operation, c.target::text, c.parameters::text, c.options::text,
             c.configuration_name, c.targeted, c.retry_of, c.created_at, c.started_at, c.cancel_requested_at,
             c.completed_at, c.final_state, c.lane * 8192 + c.origin_id as track, statement_timestamp(), c.queued_at,
             c.configuration_id
      """;

  private static final String BY_ID = COLUMNS + "from command c where c.id = :id";

  private static final String ROLLUPS =
      """
      select seq, participant_id, sum(targeted), sum(succeeded), sum(failed), sum(rejected), sum(expired),
             sum(cancelled), sum(processed)
      from rollup where seq = any(:seqs::bigint[]) group by seq, participant_id order by seq, participant_id
      """;

  /** One probe of the queue for each execution, however many commands are asked for. */
  private static final String LIVE =
      """
      select w.seq, t.participant_id,
             count(*) filter (where q.leased_at > '-infinity' and q.visible_at > :as_of::timestamptz)::int,
             bool_or(q.lease_no > 0)
      from unnest(:seqs::bigint[], :tracks::smallint[]) w(seq, track)
      join command_target t on t.seq = w.seq
      cross join lateral unnest(t.server_ids) s(server_id)
      cross join lateral (
        select q.leased_at, q.visible_at, q.lease_no from queue q
        where q.server_id = s.server_id and q.cell = t.cell and q.track = w.track and q.seq = w.seq offset 0) q
      group by w.seq, t.participant_id
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
    return handle.createQuery(BY_ID).bind("id", id).map((rs, context) -> row(rs)).findOne();
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

  /** By seq. */
  static Map<Long, List<RollupRow>> rollups(Handle handle, long[] seqs) {
    Map<Long, List<RollupRow>> rollups = new HashMap<>();
    handle
        .createQuery(ROLLUPS)
        .bind("seqs", seqs)
        .map((rs, context) ->
            rollups
                .computeIfAbsent(rs.getLong(1), seq -> new ArrayList<>())
                .add(
                    new RollupRow(
                        rs.getShort(2),
                        rs.getInt(3),
                        rs.getInt(4),
                        rs.getInt(5),
                        rs.getInt(6),
                        rs.getInt(7),
                        rs.getInt(8),
                        rs.getInt(9))))
        .list();
    return rollups;
  }

  /**
   * By seq, and by participant; those of which nothing is in the queue are absent.
   *
   * @param asOf when a lease must be alive to count
   */
  static Map<Long, Map<Short, LiveRow>> live(
      Handle handle, List<CommandRow> commands, Instant asOf) {
    short[] tracks = new short[commands.size()];
    for (int i = 0; i < tracks.length; i++) {
      tracks[i] = commands.get(i).track();
    }
    Map<Long, Map<Short, LiveRow>> live = new HashMap<>();
    handle
        .createQuery(LIVE)
        .bind("seqs", commands.stream().mapToLong(CommandRow::seq).toArray())
        .bind("tracks", tracks)
        .bind("as_of", utc(asOf))
        .map((rs, context) ->
            live.computeIfAbsent(rs.getLong(1), seq -> new HashMap<>())
                .put(rs.getShort(2), new LiveRow(rs.getShort(2), rs.getInt(3), rs.getBoolean(4))))
        .list();
    return live;
  }

  static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  /** A row of {@link #COLUMNS}. */
  static CommandRow row(ResultSet rs) throws SQLException {
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
