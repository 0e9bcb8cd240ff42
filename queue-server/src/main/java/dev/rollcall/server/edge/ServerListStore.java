// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.edge;

import dev.rollcall.server.queue.Resyncs;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statement that lists servers with what they last said and what waits for them. */
final class ServerListStore {
  private static final String LIST =
      """
      select s.id, p.name || '/' || s.name, p.name, s.region, s.labels::text, r.last_poll_at, r.version, r.operations,
             w.pending, w.oldest_at, y.id, y.since, y.missed, s.addresses
      from server s
      join participant p on p.id = s.participant_id
      left join server_presence r on r.server_id = s.id
      left join resync y on y.server_id = s.id and y.cell = s.cell
      cross join lateral (
        select count(*)::int as pending, seq_time(min(q.seq)) as oldest_at
        from queue q where q.server_id = s.id and q.cell = s.cell) w
      where s.removed_at is null and s.id > :after
        and (:participant::int is null or s.participant_id = :participant::int)
        and (:silent::int is null or r.last_poll_at is null or r.last_poll_at < now() - make_interval(secs => :silent::int))
      order by s.id limit :limit
      """;

  private ServerListStore() {}

  /** A server as it is listed. */
  record Row(
      int id,
      String fullName,
      String participant,
      @Nullable String region,
      String labels,
      List<String> addresses,
      @Nullable Instant lastPollAt,
      @Nullable String version,
      @Nullable List<String> operations,
      int pending,
      @Nullable Instant oldestPendingAt,
      Resyncs.@Nullable Resync resync) {}

  static List<Row> list(
      Handle handle,
      @Nullable Short participantId,
      @Nullable Integer silentSeconds,
      int after,
      int limit) {
    return handle
        .createQuery(LIST)
        .bind("participant", participantId == null ? null : Integer.valueOf(participantId))
        .bind("silent", silentSeconds)
        .bind("after", after)
        .bind("limit", limit)
        .map((rs, context) ->
            new Row(
                rs.getInt(1),
                rs.getString(2),
                rs.getString(3),
                rs.getString(4),
                rs.getString(5),
                List.of((String[]) rs.getArray(14).getArray()),
                instant(rs.getObject(6, OffsetDateTime.class)),
                rs.getString(7),
                rs.getArray(8) == null ? null : List.of((String[]) rs.getArray(8).getArray()),
                rs.getInt(9),
                instant(rs.getObject(10, OffsetDateTime.class)),
                resync(rs)))
        .list();
  }

  private static Resyncs.@Nullable Resync resync(ResultSet rs) throws SQLException {
    UUID id = rs.getObject(11, UUID.class);
    return id == null
        ? null
        : new Resyncs.Resync(
            id, rs.getObject(12, OffsetDateTime.class).toInstant(), rs.getLong(13));
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}
