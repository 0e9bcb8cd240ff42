// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The statements that set, list and take back holds. One that is over is as good as gone. */
final class HoldEditStore {
  private static final String COLUMNS =
      """
      select name, origin_id::int, participant_id::int, configuration_name, operation, until, reason, created_at, created_by
      from hold where (until is null or until > statement_timestamp())
      """;

  /** Also tells whether there was none of that name. */
  private static final String PUT =
      """
      insert into hold (name, origin_id, participant_id, configuration_id, configuration_name, operation, until, reason,
                        created_by)
      values (:name, :origin::smallint, :participant::smallint, :configuration::int, :configuration_name::text,
              :operation::text, :until::timestamptz, :reason::text, :by)
      on conflict (name) do update
      set origin_id = excluded.origin_id, participant_id = excluded.participant_id,
          configuration_id = excluded.configuration_id, configuration_name = excluded.configuration_name,
          operation = excluded.operation, until = excluded.until, reason = excluded.reason,
          created_at = excluded.created_at, created_by = excluded.created_by
      returning xmax = 0
      """;

  private HoldEditStore() {}

  /**
   * A hold as it stands.
   *
   * @param until null: until it is taken back
   */
  record Row(
      String name,
      @Nullable Integer originId,
      @Nullable Integer participantId,
      @Nullable String configuration,
      @Nullable String operation,
      @Nullable Instant until,
      @Nullable String reason,
      Instant createdAt,
      String createdBy) {}

  /** Forgets what is over. */
  static int clear(Handle handle) {
    return handle.createUpdate("delete from hold where until <= statement_timestamp()").execute();
  }

  /** One at a time, so that two that are counted together do not both fit. */
  static int lockAndCount(Handle handle) {
    handle.execute("lock table hold in share row exclusive mode");
    return handle.createQuery("select count(*)::int from hold").mapTo(Integer.class).one();
  }

  /** Whether there was none of that name. */
  static boolean put(Handle handle, HoldRequest hold, String by) {
    Instant until = hold.until();
    return handle
        .createQuery(PUT)
        .bind("name", hold.name())
        .bind("origin", hold.originId())
        .bind("participant", hold.participantId())
        .bind("configuration", hold.configurationId())
        .bind("configuration_name", hold.configuration())
        .bind("operation", hold.operation())
        .bind("until", until == null ? null : until.atOffset(ZoneOffset.UTC))
        .bind("reason", hold.reason())
        .bind("by", by)
        .mapTo(Boolean.class)
        .one();
  }

  static boolean delete(Handle handle, String name) {
    return handle.createUpdate("delete from hold where name = :name").bind("name", name).execute()
        > 0;
  }

  static Optional<Row> byName(Handle handle, String name) {
    return rows(handle.createQuery(COLUMNS + "and name = :name").bind("name", name)).stream()
        .findFirst();
  }

  static List<Row> list(Handle handle, String after, int limit) {
    return rows(
        handle
            .createQuery(COLUMNS + "and name > :after order by name limit :limit")
            .bind("after", after)
            .bind("limit", limit));
  }

  private static List<Row> rows(Query query) {
    return query
        .map((rs, context) ->
            new Row(
                rs.getString(1),
                (Integer) rs.getObject(2),
                (Integer) rs.getObject(3),
                rs.getString(4),
                rs.getString(5),
                instant(rs.getObject(6, OffsetDateTime.class)),
                rs.getString(7),
                rs.getObject(8, OffsetDateTime.class).toInstant(),
                rs.getString(9)))
        .list();
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}
