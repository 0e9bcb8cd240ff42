// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.queue.EndState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The statements that move a command on: cancel asked for, its time come, looked after. */
final class LifecycleStore {
  private static final String COLUMNS =
      """
      select c.seq, c.id, c.lane * 8192 + c.origin_id, c.ordering_hash, c.lease_seconds, c.max_attempts,
             extract(epoch from c.deadline_at)::float8, c.payload_bytes, c.cancel_requested_at is not null,
             c.queued_at is not null, c.targeted, c.upkeep_at::text
      from command c
      """;

  private LifecycleStore() {}

  /**
   * A command that has not ended.
   *
   * @param cancelAsked whether somebody asked to cancel it
   * @param queued whether its executions are in the queue
   * @param upkeepAt when it was to be looked after, as the database writes it
   */
  record Open(
      dev.rollcall.server.queue.QueuedCommand command,
      boolean cancelAsked,
      boolean queued,
      int targeted,
      String upkeepAt) {}

  /** Asks to cancel; empty when the command has ended. */
  static Optional<Open> askCancel(Handle handle, UUID id) {
    boolean asked =
        handle
                .createUpdate(
                    """
                    update command set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
                      upkeep_at = clock_timestamp()
                    where id = :id and completed_at is null
                    """)
                .bind("id", id)
                .execute()
            > 0;
    return asked
        ? open(handle.createQuery(COLUMNS + "where c.id = :id").bind("id", id)).stream().findFirst()
        : Optional.empty();
  }

  /** Empty when it has ended. */
  static Optional<Open> open(Handle handle, UUID id) {
    return open(
            handle
                .createQuery(COLUMNS + "where c.id = :id and c.completed_at is null")
                .bind("id", id))
        .stream()
        .findFirst();
  }

  /** Those whose time to be looked after has come, oldest first. */
  static List<Open> due(Handle handle, int limit) {
    return open(
        handle
            .createQuery(
                COLUMNS
                    + "where c.completed_at is null and c.upkeep_at <= now()"
                    + " order by c.upkeep_at limit :limit")
            .bind("limit", limit));
  }

  private static List<Open> open(Query query) {
    return query
        .map((rs, context) ->
            new Open(
                new dev.rollcall.server.queue.QueuedCommand(
                    rs.getLong(1),
                    rs.getObject(2, UUID.class),
                    rs.getShort(3),
                    rs.getLong(4),
                    rs.getInt(5),
                    rs.getInt(6),
                    rs.getDouble(7),
                    rs.getInt(8)),
                rs.getBoolean(9),
                rs.getBoolean(10),
                rs.getInt(11),
                rs.getString(12)))
        .list();
  }

  /**
   * When it is to be looked after next: the older it is the later, but not past its deadline. Only
   * if nobody has asked for anything else since it was read: a cancel is not put off by who did not
   * see it.
   */
  static void lookAgain(Handle handle, Open open, double inSeconds) {
    handle
        .createUpdate(
            """
            update command set upkeep_at = greatest(
              clock_timestamp() + interval '1 s',
              least(clock_timestamp() + make_interval(secs => :seconds),
                    case when deadline_at > clock_timestamp() then deadline_at else 'infinity' end))
            where seq = :seq and completed_at is null and upkeep_at = :seen::timestamptz
            """)
        .bind("seq", open.command().seq())
        .bind("seen", open.upkeepAt())
        .bind("seconds", inSeconds)
        .execute();
  }

  /** Holds a command that waits for its time; false when it has been queued, cancelled or ended. */
  static boolean holdScheduled(Handle handle, long seq) {
    return handle
        .createQuery(
            """
            select seq from command
            where seq = :seq and queued_at is null and cancel_requested_at is null and completed_at is null
              and not_before <= clock_timestamp() for update
            """)
        .bind("seq", seq)
        .mapTo(Long.class)
        .findOne()
        .isPresent();
  }

  /**
   * Gives a command its place in the order; everything that stands under the old one moves along.
   */
  static void move(Handle handle, long from, long to) {
    for (String statement :
        List.of(
            "update command_target set seq = :to where seq = :from",
            "update rollup set seq = :to where seq = :from",
            "update execution_result set seq = :to where seq = :from",
            """
            update command set seq = :to, queued_at = clock_timestamp(),
              upkeep_at = least(deadline_at, clock_timestamp() + make_interval(secs => greatest(60, 2 * lease_seconds)))
            where seq = :from
            """)) {
      handle.createUpdate(statement).bind("from", from).bind("to", to).execute();
    }
  }

  static int[] ints(ResultSet rs, int column) throws SQLException {
    return Arrays.stream((Integer[]) rs.getArray(column).getArray())
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Holds a command that waits for its time, also before that has come. */
  static boolean holdUnqueued(Handle handle, long seq) {
    return handle
        .createQuery("select seq from command where seq = :seq and queued_at is null for update")
        .bind("seq", seq)
        .mapTo(Long.class)
        .findOne()
        .isPresent();
  }

  static double ageSeconds(Handle handle, long seq) {
    return handle
        .createQuery("select extract(epoch from clock_timestamp() - seq_time(:seq))::float8")
        .bind("seq", seq)
        .mapTo(Double.class)
        .one();
  }

  /** A part of a frozen target. */
  record TargetRow(short cell, short participantId, int[] servers) {}

  static List<TargetRow> target(Handle handle, long seq) {
    return handle
        .createQuery(
            "select cell, participant_id, server_ids from command_target where seq = :seq order by"
                + " cell, participant_id")
        .bind("seq", seq)
        .map((rs, context) -> new TargetRow(rs.getShort(1), rs.getShort(2), ints(rs, 3)))
        .list();
  }

  /** The servers for which there is a result already: refused when the command was accepted. */
  static List<Integer> ended(Handle handle, long seq) {
    return handle
        .createQuery("select server_id from execution_result where seq = :seq")
        .bind("seq", seq)
        .mapTo(Integer.class)
        .list();
  }

  /** Ends what of a command does not enter the queue with the rest, and counts it. */
  static void refuse(
      Handle handle, long seq, TargetRow part, int[] servers, EndState state, String code) {
    handle
        .createUpdate(
            """
            with gone as (
              insert into execution_result (seq, server_id, cell, participant_id, state, code, lease_no, attempt, reported)
              select :seq, s.server_id, :cell, :participant, :state::execution_end, :code, 0, 0, false
              from unnest(:servers::int[]) s(server_id)
              returning state)
            update rollup r
            set rejected = r.rejected + n.rejected, cancelled = r.cancelled + n.cancelled
            from (select count(*) filter (where state = 'rejected') as rejected,
                         count(*) filter (where state = 'cancelled') as cancelled from gone) n
            where r.seq = :seq and r.cell = :cell and r.participant_id = :participant
            """)
        .bind("seq", seq)
        .bind("cell", part.cell())
        .bind("participant", part.participantId())
        .bind("servers", servers)
        .bind("state", state.sql())
        .bind("code", code)
        .execute();
  }

  /** Ends all of a command that never entered the queue, and its counters with it. */
  static void cancelScheduled(Handle handle, long seq) {
    handle
        .createUpdate(
            """
            insert into execution_result (seq, server_id, cell, participant_id, state, code, lease_no, attempt, reported)
            select t.seq, s.server_id, t.cell, t.participant_id, 'cancelled', 'cancelled', 0, 0, false
            from command_target t cross join lateral unnest(t.server_ids) s(server_id)
            where t.seq = :seq
            on conflict do nothing
            """)
        .bind("seq", seq)
        .execute();
    handle
        .createUpdate(
            """
            update rollup set cancelled = targeted - succeeded - failed - rejected - expired - processed
            where seq = :seq
            """)
        .bind("seq", seq)
        .execute();
  }
}
