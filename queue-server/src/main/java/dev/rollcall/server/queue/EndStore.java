// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The statements by which the server itself ends executions, and renews leases. */
final class EndStore {
  /**
   * Rows that a lease met and that may not be leased any more. Never waits for a lock. A lapsed
   * last attempt whose result came after it was read was put back under the same number: it lives.
   */
  private static final String END_OVER =
      """
      with a as materialized (
        select *, :cell::smallint as cell
        from unnest(:servers::int[], :tracks::smallint[], :seqs::bigint[], :lease_nos::int[],
                    :participants::smallint[], :states::text[], :codes::text[]) with ordinality
          a(server_id, track, seq, lease_no, participant_id, state, code, ordinal)),
      cur as materialized (
        select a.*, q.attempt, q.leased_at
        from a join queue q on q.server_id = a.server_id and q.cell = a.cell and q.track = a.track and q.seq = a.seq
        where q.lease_no = a.lease_no and q.visible_at <= statement_timestamp()
          and (a.state <> 'failed' or q.leased_at > '-infinity')
        order by q.server_id, q.track, q.seq
        for update of q skip locked),
      del as (
        delete from queue q using cur c
        where q.server_id = c.server_id and q.cell = c.cell and q.track = c.track and q.seq = c.seq),
      ins as (
        insert into execution_result (seq, server_id, cell, participant_id, state, code, lease_no, attempt, reported, leased_at)
        select seq, server_id, cell, participant_id, state::execution_end, code, lease_no, attempt, false,
               nullif(leased_at, '-infinity')
        from cur)
      select ordinal from cur
      """;

  /**
   * Keys as rows: a condition on a constant cell, track or seq would let a plan that was made while
   * the queue was small look these up in all of the index.
   */
  private static final String KEYS =
      """
      (select server_id, :cell::smallint as cell, :track::smallint as track, :seq::bigint as seq
       from unnest(:servers::int[]) u(server_id) offset 0)
      """;

  /** The executions of one command at some servers, in key order. */
  private static final String THERE =
      """
      select q.server_id
      from <keys> k
      join queue q on q.server_id = k.server_id and q.cell = k.cell and q.track = k.track and q.seq = k.seq
      order by q.server_id
      """
          .replace("<keys>", KEYS);

  /**
   * Locks them, waiting. A statement of its own before {@link #SWEEP}: that decides from a snapshot
   * taken when the locks are held, so a lease that committed while this one waited cannot escape
   * it. (In one statement the update would also be held against the table's checks with the row as
   * it was before the wait.)
   *
   * <p>Run twice: a settlement that puts an execution back deletes its row and inserts another one,
   * which a statement that waited for the first cannot see. A second wait cannot end so: the
   * settlement would have begun after the cancel was committed, and puts nothing back.
   */
  private static final String LOCK = THERE + "for update of q";

  /** Locks those that nobody else holds. */
  private static final String LOCK_FREE = LOCK + " skip locked";

  /**
   * The rows that were locked. What is under a live lease stays; if the command was cancelled it is
   * marked, so that it is never leased again. Of the rest ends what may never be leased again; if
   * cancelled, all of it.
   */
  private static final String SWEEP =
      """
      with fate as materialized (
        select x.*,
               case when live then null
                    when cancelled or :cancel then 'cancelled'
                    when leased_at > '-infinity' and attempt >= :max_attempts then 'failed'
                    when to_timestamp(:deadline) <= statement_timestamp() then 'expired'
               end as ends
        from (
          select q.server_id, q.cell, q.track, q.seq, q.lease_no, q.attempt, q.leased_at, q.cancelled,
                 q.leased_at > '-infinity' and q.visible_at > statement_timestamp() as live,
                 extract(epoch from greatest(q.visible_at, statement_timestamp()) - statement_timestamp())::float8
                   as remaining
          from <keys> k
          join queue q on q.server_id = k.server_id and q.cell = k.cell and q.track = k.track and q.seq = k.seq) x),
      del as (
        delete from queue q using fate f
        where f.ends is not null and q.server_id = f.server_id and q.cell = f.cell and q.track = f.track and q.seq = f.seq),
      mark as (
        update queue q set cancelled = true from fate f
        where f.live and :cancel and not f.cancelled
          and q.server_id = f.server_id and q.cell = f.cell and q.track = f.track and q.seq = f.seq),
      ins as (
        insert into execution_result (seq, server_id, cell, participant_id, state, code, lease_no, attempt, reported, leased_at)
        select :seq, server_id, :cell, :participant, ends::execution_end,
               case ends when 'cancelled' then 'cancelled' when 'failed' then 'no-result' else 'deadline' end,
               lease_no, attempt, false, nullif(leased_at, '-infinity')
        from fate where ends is not null)
      select server_id, ends, live, remaining, lease_no from fate
      """
          .replace("<keys>", KEYS);

  private static final String OF_SERVER =
      """
      from queue q
      where q.server_id = :server and q.cell = :cell and (:origin::int is null or q.track % 8192 = :origin::int)
        and (:seqs::bigint[] is null or q.seq = any(:seqs::bigint[]))
      """;

  /** Everything of one server, by its key range; leases included: the server is gone. */
  private static final String REMOVE =
      """
      with cur as materialized (
        select q.server_id, q.cell, q.track, q.seq, q.lease_no, q.attempt, q.leased_at,
               q.leased_at > '-infinity' and q.visible_at > statement_timestamp() as live
      """
          + OF_SERVER
          + """
            order by q.track, q.seq limit :most
            for update of q),
          del as (
            delete from queue q using cur c
            where q.server_id = c.server_id and q.cell = c.cell and q.track = c.track and q.seq = c.seq),
          ins as (
            insert into execution_result (seq, server_id, cell, participant_id, state, code, lease_no, attempt, reported, leased_at)
            select seq, :server, :cell, :participant, :state::execution_end, :code, lease_no, attempt, false,
                   nullif(leased_at, '-infinity')
            from cur)
          select seq, lease_no, live from cur
          """;

  private static final String IS_LEFT = "select exists (select " + OF_SERVER + ")";

  private static final String RENEW =
      """
      with a as materialized (
        select *, :cell::smallint as cell
        from unnest(:servers::int[], :tracks::smallint[], :seqs::bigint[], :leases::int[], :seconds::int[],
                    :deadlines::float8[]) with ordinality
          a(server_id, track, seq, lease_no, seconds, deadline, ordinal)),
      cur as materialized (
        select a.*, q.cancelled
        from a join queue q on q.server_id = a.server_id and q.cell = a.cell and q.track = a.track and q.seq = a.seq
        where q.lease_no = a.lease_no and q.leased_at > '-infinity' and q.visible_at > statement_timestamp()
        order by q.server_id, q.track, q.seq
        for update of q),
      up as (
        update queue q
        set visible_at = greatest(q.visible_at,
                                  least(clock_timestamp() + make_interval(secs => c.seconds), to_timestamp(c.deadline)))
        from cur c
        where not c.cancelled and q.server_id = c.server_id and q.cell = c.cell and q.track = c.track and q.seq = c.seq
        returning c.ordinal, extract(epoch from q.visible_at - clock_timestamp())::float8 as remaining)
      select ordinal, true, null from cur where cancelled
      union all
      select ordinal, false, remaining from up
      """;

  private EndStore() {}

  /** Rows to end, as columns. */
  record OverRows(
      int[] servers,
      short[] tracks,
      long[] seqs,
      int[] leaseNos,
      short[] participants,
      String[] states,
      String[] codes) {}

  /** Answers which rows were ended, from 0. */
  static List<Integer> endOver(Handle handle, short cell, OverRows rows) {
    return handle
        .createQuery(END_OVER)
        .bind("servers", rows.servers)
        .bind("tracks", rows.tracks)
        .bind("seqs", rows.seqs)
        .bind("lease_nos", rows.leaseNos)
        .bind("participants", rows.participants)
        .bind("states", rows.states)
        .bind("codes", rows.codes)
        .bind("cell", cell)
        .map((rs, context) -> rs.getInt(1) - 1)
        .list();
  }

  /**
   * @param ends null: not ended
   * @param live under a live lease
   * @param remaining seconds of that lease
   */
  record Swept(
      int serverId, @Nullable EndState ends, boolean live, double remaining, int leaseNo) {}

  static List<Swept> sweep(
      Handle handle,
      short cell,
      QueuedCommand command,
      short participantId,
      int[] servers,
      boolean cancel) {
    lock(handle, cell, command, servers, LOCK);
    return sweepLocked(
        handle, cell, command, participantId, lock(handle, cell, command, servers, LOCK), cancel);
  }

  /**
   * As {@link #sweep}, but leaves out what somebody else holds: who sweeps many rows never waits
   * while it holds some, so nobody can wait for it in a circle.
   */
  static FreeSwept sweepFree(
      Handle handle,
      short cell,
      QueuedCommand command,
      short participantId,
      int[] servers,
      boolean cancel) {
    int[] free = lock(handle, cell, command, servers, LOCK_FREE);
    List<Swept> swept = sweepLocked(handle, cell, command, participantId, free, cancel);
    if (free.length == servers.length) {
      return new FreeSwept(swept, new int[0]);
    }
    int[] rest = except(servers, free);
    return new FreeSwept(swept, lock(handle, cell, command, rest, THERE));
  }

  /**
   * @param busy servers whose execution somebody else held
   */
  record FreeSwept(List<Swept> rows, int[] busy) {}

  private static int[] except(int[] all, int[] some) {
    Set<Integer> out = new HashSet<>();
    for (int one : some) {
      out.add(one);
    }
    return IntStream.of(all).filter(one -> !out.contains(one)).toArray();
  }

  private static List<Swept> sweepLocked(
      Handle handle,
      short cell,
      QueuedCommand command,
      short participantId,
      int[] there,
      boolean cancel) {
    if (there.length == 0) {
      return List.of();
    }
    return handle
        .createQuery(SWEEP)
        .bind("servers", there)
        .bind("cell", cell)
        .bind("track", command.track())
        .bind("seq", command.seq())
        .bind("max_attempts", command.maxAttempts())
        .bind("deadline", command.deadline())
        .bind("participant", participantId)
        .bind("cancel", cancel)
        .map((rs, context) -> {
          String ends = rs.getString(2);
          return new Swept(
              rs.getInt(1),
              ends == null ? null : EndState.of(ends),
              rs.getBoolean(3),
              rs.getDouble(4),
              rs.getInt(5));
        })
        .list();
  }

  private static int[] lock(
      Handle handle, short cell, QueuedCommand command, int[] servers, String statement) {
    return handle
        .createQuery(statement)
        .bind("servers", servers)
        .bind("cell", cell)
        .bind("track", command.track())
        .bind("seq", command.seq())
        .mapTo(Integer.class)
        .list()
        .stream()
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /**
   * @param originId only executions of this origin; null: all
   * @param seqs only executions of these commands; null: all
   * @param most how many at a time
   */
  record Removal(
      QueueServer server,
      @Nullable Integer originId,
      long @Nullable [] seqs,
      EndState state,
      String code,
      int most) {}

  /**
   * An execution that was ended.
   *
   * @param live under a lease that was still held
   */
  record Gone(long seq, int leaseNo, boolean live) {}

  /**
   * @param isLeft whether more is there: beyond the limit, or put back by a settlement that was
   *     waited for, as a row that the statement could not see
   */
  record Removed(List<Gone> rows, boolean isLeft) {
    List<Long> seqs() {
      return rows.stream().map(Gone::seq).toList();
    }
  }

  static Removed remove(Handle handle, Removal removal) {
    List<Gone> rows =
        ofServer(handle.createQuery(REMOVE), removal)
            .bind("participant", removal.server().participantId())
            .bind("state", removal.state().sql())
            .bind("code", removal.code())
            .bind("most", removal.most())
            .map((rs, context) -> new Gone(rs.getLong(1), rs.getInt(2), rs.getBoolean(3)))
            .list();
    boolean isLeft = ofServer(handle.createQuery(IS_LEFT), removal).mapTo(Boolean.class).one();
    return new Removed(rows, isLeft);
  }

  private static Query ofServer(Query query, Removal removal) {
    return query
        .bind("server", removal.server().id())
        .bind("cell", removal.server().cell())
        .bind("origin", removal.originId())
        .bind("seqs", removal.seqs());
  }

  /**
   * @param ordinal which item, from 0
   * @param remaining seconds, of one that was extended
   */
  record Renewed(int ordinal, boolean cancelled, double remaining) {}

  static List<Renewed> renew(Handle handle, short cell, List<Renewal> items) {
    int n = items.size();
    int[] servers = new int[n];
    short[] tracks = new short[n];
    long[] seqs = new long[n];
    int[] leases = new int[n];
    int[] seconds = new int[n];
    double[] deadlines = new double[n];
    for (int i = 0; i < n; i++) {
      Renewal item = items.get(i);
      servers[i] = item.server().id();
      tracks[i] = item.command().track();
      seqs[i] = item.command().seq();
      leases[i] = item.lease();
      seconds[i] = item.seconds();
      deadlines[i] = item.command().deadline();
    }
    return handle
        .createQuery(RENEW)
        .bind("servers", servers)
        .bind("tracks", tracks)
        .bind("seqs", seqs)
        .bind("leases", leases)
        .bind("seconds", seconds)
        .bind("deadlines", deadlines)
        .bind("cell", cell)
        .map((rs, context) -> new Renewed(rs.getInt(1) - 1, rs.getBoolean(2), rs.getDouble(3)))
        .list();
  }
}
