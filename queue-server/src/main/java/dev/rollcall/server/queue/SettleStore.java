// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements that settle results: the rows, and the verdicts of what matched no row. */
final class SettleStore {
  private static final int SUCCEEDED = 0;
  private static final int REJECTED = 1;
  private static final int FAILED = 2;
  private static final int RELEASED = 3;
  private static final int FAILED_FOR_GOOD = 4;

  private static final int[] NONE_OF_INT = {};
  private static final double[] NONE_OF_DOUBLE = {};
  private static final String[] NONE_OF_TEXT = {};

  /**
   * Takes the rows whose lease is the one reported out of the queue, in key order and in one pass:
   * no lock beforehand, so each row is met and logged once. What has not ended is inserted anew, to
   * be handed out again: a failed execution while attempts and deadline allow, with full jitter. A
   * sweep that waits for such a row would miss its successor; a cancel is safe from that because it
   * is committed before it sweeps, and nothing of a cancelled command is put back.
   */
  private static final String SETTLE =
      """
      with del as (
        delete from queue q
        using (select *, :cell::smallint as cell
               from unnest(:servers::int[], :tracks::smallint[], :seqs::bigint[], :leases::int[],
                           :participants::smallint[], :outcomes::smallint[], :jitters::float8[], :max_attempts::int[],
                           :deadlines::float8[], :codes::text[], :messages::text[], :objects::bigint[], :data::text[])
                 with ordinality
                 u(server_id, track, seq, lease_no, participant_id, outcome, jitter, max_attempts, deadline, code, message,
                   objects, data, ordinal)
               offset 0) a
        where q.server_id = a.server_id and q.cell = a.cell and q.track = a.track and q.seq = a.seq
          and q.lease_no = a.lease_no and q.leased_at > '-infinity'
        returning a.*, q.attempt, q.leased_at, q.cancelled),
      timed as (
        select del.*,
               case when outcome = 2
                    then clock_timestamp() + make_interval(secs => jitter * least(60, power(2, least(attempt, 7) - 1)))
               end as again_at
        from del),
      fate as materialized (
        select timed.*,
               case when outcome = 0 then 'succeeded'::execution_end
                    when outcome = 1 then 'rejected'
                    when cancelled
                      or exists (select from command c where c.seq = timed.seq and c.cancel_requested_at is not null)
                      then 'cancelled'
                    when outcome = 4 or (outcome = 2 and (attempt >= max_attempts or again_at >= to_timestamp(deadline)))
                      then 'failed'
               end as ends
        from timed),
      ins as (
        insert into execution_result (seq, server_id, cell, participant_id, state, code, message, objects, data, lease_no,
                                      attempt, reported, leased_at)
        select seq, server_id, :cell, participant_id, ends, code, message, objects, data::jsonb, lease_no, attempt, true,
               leased_at
        from fate where ends is not null),
      again as (
        insert into queue (seq, server_id, cell, track, lease_no, attempt, visible_at)
        select seq, server_id, :cell, track, lease_no, attempt - (outcome = 3)::int, coalesce(again_at, clock_timestamp())
        from fate where ends is null),
      log as (
        insert into attempt_log (seq, server_id, cell, lease_no, outcome, code, message, late)
        select seq, server_id, :cell, lease_no, case outcome when 3 then 'released' else 'failed' end, code, message, false
        from fate where ends is null
        order by seq, server_id, lease_no
        on conflict do nothing)
      select ordinal, ends from fate
      """;

  /**
   * A statement of its own, so that it sees what committed while the first one waited: a result
   * that was sent twice at once would else be unknown. A late result of a lease that was really
   * given is noted, in the order of the key: whoever notes the same one has to wait.
   */
  private static final String VERDICTS =
      """
      with a as materialized (
        select *, :cell::smallint as cell
        from unnest(:servers::int[], :tracks::smallint[], :seqs::bigint[], :leases::int[], :outcomes::text[],
                    :codes::text[], :messages::text[])
          with ordinality a(server_id, track, seq, lease_no, outcome, code, message, ordinal)),
      v as materialized (
        select a.*,
               case when r.reported and r.lease_no = a.lease_no or not l.late then 'duplicate'
                    when r.seq is not null or q.seq is not null then 'stale'
                    else 'unknown' end as verdict,
               a.lease_no between 1 and coalesce(q.lease_no - 1, r.lease_no) as given
        from a
        left join execution_result r on r.seq = a.seq and r.server_id = a.server_id and r.cell = a.cell
        left join attempt_log l on l.seq = a.seq and l.server_id = a.server_id and l.cell = a.cell and l.lease_no = a.lease_no
        left join queue q on q.server_id = a.server_id and q.cell = a.cell and q.track = a.track and q.seq = a.seq),
      late as (
        insert into attempt_log (seq, server_id, cell, lease_no, outcome, code, message, late)
        select seq, server_id, :cell, lease_no, outcome, code, message, true from v where verdict = 'stale' and given
        order by seq, server_id, lease_no
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
    int[] order = inKeyOrder(items);
    var c = new Columns(items, order);
    boolean retried = IntStream.of(c.fates).anyMatch(fate -> fate == FAILED);
    return handle
        .createQuery(SETTLE)
        .bind("servers", c.servers)
        .bind("tracks", c.tracks)
        .bind("seqs", c.seqs)
        .bind("leases", c.leases)
        .bind("participants", c.participants)
        .bind("outcomes", c.outcomes())
        .bind("jitters", retried ? c.jitters : NONE_OF_DOUBLE)
        .bind("max_attempts", retried ? c.maxAttempts : NONE_OF_INT)
        .bind("deadlines", retried ? c.deadlines : NONE_OF_DOUBLE)
        .bind("codes", orNone(c.codes))
        .bind("messages", orNone(c.messages))
        .bind(
            "objects", Arrays.stream(c.objects).allMatch(Objects::isNull) ? new Long[0] : c.objects)
        .bind("data", orNone(c.data))
        .bind("cell", cell)
        .map((rs, context) -> {
          String ends = rs.getString(2);
          return new Settled(order[rs.getInt(1) - 1], ends == null ? null : EndState.of(ends));
        })
        .list();
  }

  /** A column of nulls need not be sent: the shorter of several arrays is filled up with nulls. */
  private static @Nullable String[] orNone(@Nullable String[] column) {
    return Arrays.stream(column).allMatch(Objects::isNull) ? NONE_OF_TEXT : column;
  }

  private static int[] inKeyOrder(List<ReportedResult> items) {
    return IntStream.range(0, items.size())
        .boxed()
        .sorted(
            Comparator.<Integer>comparingInt(i -> items.get(i).server().id())
                .thenComparingInt(i -> items.get(i).command().track())
                .thenComparingLong(i -> items.get(i).command().seq()))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  static List<Refused> verdicts(Handle handle, short cell, List<ReportedResult> items) {
    var c = new Columns(items, IntStream.range(0, items.size()).toArray());
    return handle
        .createQuery(VERDICTS)
        .bind("servers", c.servers)
        .bind("tracks", c.tracks)
        .bind("seqs", c.seqs)
        .bind("leases", c.leases)
        .bind("outcomes", c.words)
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
    private final String[] words;
    private final int[] fates;
    private final double[] jitters;
    private final int[] maxAttempts;
    private final double[] deadlines;
    private final @Nullable String[] codes;
    private final @Nullable String[] messages;
    private final @Nullable Long[] objects;
    private final @Nullable String[] data;

    Columns(List<ReportedResult> items, int[] order) {
      int n = items.size();
      servers = new int[n];
      tracks = new short[n];
      seqs = new long[n];
      leases = new int[n];
      participants = new short[n];
      words = new String[n];
      fates = new int[n];
      jitters = new double[n];
      maxAttempts = new int[n];
      deadlines = new double[n];
      codes = new String[n];
      messages = new String[n];
      objects = new Long[n];
      data = new String[n];
      for (int i = 0; i < n; i++) {
        set(i, items.get(order[i]));
      }
    }

    private void set(int i, ReportedResult item) {
      servers[i] = item.server().id();
      tracks[i] = item.command().track();
      seqs[i] = item.command().seq();
      leases[i] = item.lease();
      participants[i] = item.server().participantId();
      words[i] = item.outcome().wire();
      fates[i] = fate(item);
      jitters[i] = item.jitter();
      maxAttempts[i] = item.command().maxAttempts();
      deadlines[i] = item.command().deadline();
      codes[i] = item.code();
      messages[i] = item.message();
      objects[i] = item.objects();
      data[i] = item.data();
    }

    private static int fate(ReportedResult item) {
      return switch (item.outcome()) {
        case SUCCEEDED -> SUCCEEDED;
        case REJECTED -> REJECTED;
        case FAILED -> item.retry() ? FAILED : FAILED_FOR_GOOD;
        case RELEASED -> RELEASED;
      };
    }

    short[] outcomes() {
      short[] column = new short[fates.length];
      for (int i = 0; i < column.length; i++) {
        column[i] = (short) fates[i];
      }
      return column;
    }
  }
}
