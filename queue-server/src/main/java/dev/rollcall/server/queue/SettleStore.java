// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements that settle results: the rows, and the verdicts of what matched no row. */
final class SettleStore {
  /**
   * Ends or puts back the rows whose lease is the one reported. What it returns is accepted. A
   * failed execution is put back while attempts and deadline allow, with full jitter.
   */
  private static final String SETTLE =
      """
      with a as materialized (
        select * from unnest(:servers::int[], :tracks::smallint[], :seqs::bigint[], :leases::int[], :participants::smallint[],
                             :outcomes::text[], :retries::bool[], :jitters::float8[], :max_attempts::int[],
                             :deadlines::float8[], :codes::text[], :messages::text[], :objects::bigint[], :data::text[])
          with ordinality
          a(server_id, track, seq, lease_no, participant_id, outcome, retry, jitter, max_attempts, deadline, code, message,
            objects, data, ordinal)),
      cur as materialized (
        select a.*, q.attempt, q.leased_at,
               clock_timestamp() + make_interval(secs => a.jitter * least(60, power(2, least(q.attempt, 7) - 1))) as again_at,
               q.cancelled
        from a join queue q on q.server_id = a.server_id and q.cell = :cell and q.track = a.track and q.seq = a.seq
        where q.lease_no = a.lease_no and q.leased_at > '-infinity'
        order by q.server_id, q.track, q.seq
        for update of q),
      fate as materialized (
        select cur.*,
               case when outcome in ('succeeded', 'rejected') then outcome
                    when cancelled then 'cancelled'
                    when outcome = 'released' then null
                    when not retry or attempt >= max_attempts or again_at >= to_timestamp(deadline) then 'failed'
               end as ends
        from cur),
      del as (
        delete from queue q using fate f
        where f.ends is not null and q.server_id = f.server_id and q.cell = :cell and q.track = f.track and q.seq = f.seq),
      ins as (
        insert into execution_result (seq, server_id, cell, participant_id, state, code, message, objects, data, lease_no,
                                      attempt, reported, leased_at)
        select seq, server_id, :cell, participant_id, ends::execution_end, code, message, objects, data::jsonb, lease_no,
               attempt, true, leased_at
        from fate where ends is not null),
      again as (
        update queue q
        set leased_at = '-infinity', attempt = q.attempt - (f.outcome = 'released')::int,
            visible_at = case when f.outcome = 'released' then clock_timestamp() else f.again_at end
        from fate f
        where f.ends is null and q.server_id = f.server_id and q.cell = :cell and q.track = f.track and q.seq = f.seq),
      log as (
        insert into attempt_log (seq, server_id, cell, lease_no, outcome, code, message, late)
        select seq, server_id, :cell, lease_no, outcome, code, message, false from fate where ends is null
        on conflict do nothing)
      select ordinal, ends from fate
      """;

  /**
   * A statement of its own, so that it sees what committed while the first one waited: a result
   * that was sent twice at once would else be unknown. A late result of a lease that was really
   * given is noted.
   */
  private static final String VERDICTS =
      """
      with a as materialized (
        select * from unnest(:servers::int[], :tracks::smallint[], :seqs::bigint[], :leases::int[], :outcomes::text[],
                             :codes::text[], :messages::text[])
          with ordinality a(server_id, track, seq, lease_no, outcome, code, message, ordinal)),
      v as materialized (
        select a.*,
               case when r.reported and r.lease_no = a.lease_no or not l.late then 'duplicate'
                    when r.seq is not null or q.seq is not null then 'stale'
                    else 'unknown' end as verdict,
               a.lease_no between 1 and coalesce(q.lease_no, r.lease_no) as given
        from a
        left join execution_result r on r.seq = a.seq and r.server_id = a.server_id and r.cell = :cell
        left join attempt_log l on l.seq = a.seq and l.server_id = a.server_id and l.cell = :cell and l.lease_no = a.lease_no
        left join queue q on q.server_id = a.server_id and q.cell = :cell and q.track = a.track and q.seq = a.seq),
      late as (
        insert into attempt_log (seq, server_id, cell, lease_no, outcome, code, message, late)
        select seq, server_id, :cell, lease_no, outcome, code, message, true from v where verdict = 'stale' and given
        on conflict do nothing)
      select ordinal, verdict from v
      """;

  private SettleStore() {}

  /**
   * @param ordinal which item, from 0
   * @param ends null: put back, to be handed out again
   */
  record Settled(int ordinal, @Nullable EndState ends) {}

  /** The verdict of an item that settled nothing. */
  record Refused(int ordinal, String verdict) {}

  static List<Settled> settle(Handle handle, short cell, List<ReportedResult> items) {
    var c = new Columns(items);
    return handle
        .createQuery(SETTLE)
        .bind("servers", c.servers)
        .bind("tracks", c.tracks)
        .bind("seqs", c.seqs)
        .bind("leases", c.leases)
        .bind("participants", c.participants)
        .bind("outcomes", c.outcomes)
        .bind("retries", c.retries)
        .bind("jitters", c.jitters)
        .bind("max_attempts", c.maxAttempts)
        .bind("deadlines", c.deadlines)
        .bind("codes", c.codes)
        .bind("messages", c.messages)
        .bind("objects", c.objects)
        .bind("data", c.data)
        .bind("cell", cell)
        .map((rs, context) -> {
          String ends = rs.getString(2);
          return new Settled(rs.getInt(1) - 1, ends == null ? null : EndState.of(ends));
        })
        .list();
  }

  static List<Refused> verdicts(Handle handle, short cell, List<ReportedResult> items) {
    var c = new Columns(items);
    return handle
        .createQuery(VERDICTS)
        .bind("servers", c.servers)
        .bind("tracks", c.tracks)
        .bind("seqs", c.seqs)
        .bind("leases", c.leases)
        .bind("outcomes", c.outcomes)
        .bind("codes", c.codes)
        .bind("messages", c.messages)
        .bind("cell", cell)
        .map((rs, context) -> new Refused(rs.getInt(1) - 1, rs.getString(2)))
        .list();
  }

  /** The items as arrays, one for each column. */
  private static final class Columns {
    private final int[] servers;
    private final short[] tracks;
    private final long[] seqs;
    private final int[] leases;
    private final short[] participants;
    private final String[] outcomes;
    private final boolean[] retries;
    private final double[] jitters;
    private final int[] maxAttempts;
    private final double[] deadlines;
    private final @Nullable String[] codes;
    private final @Nullable String[] messages;
    private final @Nullable Long[] objects;
    private final @Nullable String[] data;

    Columns(List<ReportedResult> given) {
      List<ReportedResult> items = new ArrayList<>(given);
      int n = items.size();
      servers = new int[n];
      tracks = new short[n];
      seqs = new long[n];
      leases = new int[n];
      participants = new short[n];
      outcomes = new String[n];
      retries = new boolean[n];
      jitters = new double[n];
      maxAttempts = new int[n];
      deadlines = new double[n];
      codes = new String[n];
      messages = new String[n];
      objects = new Long[n];
      data = new String[n];
      for (int i = 0; i < n; i++) {
        set(i, items.get(i));
      }
    }

    private void set(int i, ReportedResult item) {
      servers[i] = item.server().id();
      tracks[i] = item.command().track();
      seqs[i] = item.command().seq();
      leases[i] = item.lease();
      participants[i] = item.server().participantId();
      outcomes[i] = item.outcome().wire();
      retries[i] = item.retry();
      jitters[i] = item.jitter();
      maxAttempts[i] = item.command().maxAttempts();
      deadlines[i] = item.command().deadline();
      codes[i] = item.code();
      messages[i] = item.message();
      objects[i] = item.objects();
      data[i] = item.data();
    }
  }
}
