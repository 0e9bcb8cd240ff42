// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Json;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The statement that reads the executions of one command, server by server. */
final class ExecutionStore {
  /** How far back it is looked for what an execution waits behind. */
  private static final int LOOK_BACK = 50;

  private static final String NOT_BEFORE = "not-before";

  private static final String LIST =
      """
      with t as materialized (
        select t.participant_id, t.cell, s.server_id
        from command_target t cross join lateral unnest(t.server_ids) s(server_id)
        where t.seq = :seq and (:participants::int[] is null or t.participant_id = any(:participants::int[]))
          and s.server_id > :after),
      x as (
        select t.participant_id, t.cell, t.server_id, q.seq is not null as queued, q.attempt, q.leased_at, q.visible_at,
               r.state::text as ended, r.code, r.message, r.objects, r.data::text as data, r.finished_at,
               r.attempt as end_attempt, r.leased_at as end_leased_at,
               case when r.seq is not null then r.state::text
                    when q.leased_at > '-infinity' and q.visible_at > now() then 'leased'
                    else 'pending' end as state
        from t
        left join queue q on q.server_id = t.server_id and q.cell = t.cell and q.track = :track and q.seq = :seq
        left join execution_result r on r.seq = :seq and r.server_id = t.server_id and r.cell = t.cell)
      select x.server_id, x.participant_id, p.name || '/' || s.name as server, x.state,
             coalesce(x.end_attempt, x.attempt, 0) as attempt, x.code, x.message, x.objects, x.data,
             coalesce(x.end_leased_at, nullif(x.leased_at, '-infinity')) as leased_at, x.finished_at,
             case when x.state <> 'pending' then null
                  when not x.queued then 'not-before'
                  when h.name is not null then 'held'
                  when x.leased_at > '-infinity' then 'lease-lapsed'
                  when x.visible_at > now() then 'retry'
                  when c.ordering_hash <> 0 and exists (
                    select from (
                      select e.seq from queue e
                      where e.server_id = x.server_id and e.cell = x.cell and e.track = :track and e.seq < :seq
                      order by e.seq desc limit :look_back) before
                    join command b on b.seq = before.seq and b.ordering_hash = c.ordering_hash) then 'ordering-key'
                  when pr.last_poll_at is null then 'never-polled'
                  when pr.last_poll_at < now() - interval '2 minutes' then 'server-silent'
                  else 'queued' end as waits_for,
             case when x.state <> 'pending' or not x.queued then null
                  when h.name is not null then h.until
                  when x.visible_at > now() then x.visible_at end as waits_until,
             case when x.state = 'pending' and x.queued then h.name end as hold
      from x
      join server s on s.id = x.server_id
      join participant p on p.id = x.participant_id
      join command c on c.seq = :seq
      left join server_presence pr on pr.server_id = x.server_id
      left join lateral (
        select h.name, h.until from hold h
        where (h.until is null or h.until > now())
          and (h.origin_id is null or h.origin_id = c.origin_id)
          and (h.participant_id is null or h.participant_id = x.participant_id)
          and (h.configuration_id is null or h.configuration_id = c.configuration_id)
          and (h.operation is null or h.operation = c.operation)
        order by h.until desc nulls first, h.name limit 1) h on true
      where (:state::text is null or x.state = :state::text)
      order by x.server_id
      limit :limit
      """;

  private ExecutionStore() {}

  /** What is asked for; {@code participants} null: all. */
  record Page(int @Nullable [] participants, @Nullable String state, int after, int limit) {}

  /**
   * An execution as it is answered.
   *
   * @param serverId for the cursor
   */
  record Row(
      int serverId,
      short participantId,
      String server,
      String state,
      int attempt,
      @Nullable String code,
      @Nullable String message,
      @Nullable Long objects,
      @Nullable JsonNode data,
      @Nullable Instant leasedAt,
      @Nullable Instant finishedAt,
      @Nullable String waitsFor,
      @Nullable Instant waitsUntil,
      @Nullable String hold) {
    /** Whether it would be handed out in its turn, as far as no operator holds it. */
    boolean isInTurn() {
      return waitsFor != null && !waitsFor.equals(NOT_BEFORE) && hold == null;
    }

    Row waitingFor(String reason) {
      return new Row(
          serverId,
          participantId,
          server,
          state,
          attempt,
          code,
          message,
          objects,
          data,
          leasedAt,
          finishedAt,
          reason,
          waitsUntil,
          hold);
    }
  }

  static List<Row> list(Handle handle, long seq, short track, Page page) {
    return handle
        .createQuery(LIST)
        .bind("seq", seq)
        .bind("track", track)
        .bind("participants", page.participants())
        .bind("state", page.state())
        .bind("after", page.after())
        .bind("limit", page.limit())
        .bind("look_back", LOOK_BACK)
        .map((rs, context) ->
            new Row(
                rs.getInt(1),
                rs.getShort(2),
                rs.getString(3),
                rs.getString(4),
                rs.getInt(5),
                rs.getString(6),
                rs.getString(7),
                (Long) rs.getObject(8),
                rs.getString(9) == null ? null : Json.MAPPER.readTree(rs.getString(9)),
                instant(rs.getObject(10, OffsetDateTime.class)),
                instant(rs.getObject(11, OffsetDateTime.class)),
                rs.getString(12),
                instant(rs.getObject(13, OffsetDateTime.class)),
                rs.getString(14)))
        .list();
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }

  /** The servers on which a command failed or expired. */
  static List<Integer> failed(Handle handle, long seq) {
    return handle
        .createQuery(
            "select server_id from execution_result where seq = :seq and state in ('failed',"
                + " 'expired') order by server_id")
        .bind("seq", seq)
        .mapTo(Integer.class)
        .list();
  }
}
