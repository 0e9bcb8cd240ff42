// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The statements that read and take leases. */
final class LeaseStore {
  private static final String COLUMNS =
      """
      q.track, q.seq, q.lease_no, q.attempt, q.leased_at > '-infinity' as leased, date_part('epoch', q.visible_at) as visible,
      q.cancelled
      """;

  private static final String WINDOWS =
      """
      select r.ordinal, date_part('epoch', statement_timestamp()) as now, x.*
      from unnest(:servers::int[], :tracks::smallint[], :seqs::bigint[], :tos::smallint[], :sizes::int[])
        with ordinality r(server_id, track, seq, upto, size, ordinal)
      cross join lateral (
        select <columns>
        from queue q
        where q.server_id = r.server_id and q.cell = :cell
          and (q.track, q.seq) >= (r.track, r.seq) and q.track < r.upto
        order by q.track, q.seq limit r.size) x
      """
          .replace("<columns>", COLUMNS);

  private static final String PLACES =
      """
      select r.ordinal, date_part('epoch', statement_timestamp()) as now, x.*
      from unnest(:servers::int[], :tracks::smallint[], :seqs::bigint[]) with ordinality r(server_id, track, seq, ordinal)
      cross join lateral (
        select <columns>
        from queue q
        where q.server_id = r.server_id and q.cell = :cell and q.track = r.track and q.seq = r.seq) x
      """
          .replace("<columns>", COLUMNS);

  /** Hops from track to track by the key: one probe for each, however many rows lie between. */
  private static final String TRACKS =
      """
      with recursive t as (
        select r.ordinal, r.server_id, r.upto,
               (select q.track from queue q
                where q.server_id = r.server_id and q.cell = :cell and q.track > r.beyond and q.track < r.upto
                order by q.track, q.seq limit 1) as track
        from unnest(:servers::int[], :beyond::smallint[], :tos::smallint[]) with ordinality
          r(server_id, beyond, upto, ordinal)
        union all
        select t.ordinal, t.server_id, t.upto,
               (select q.track from queue q
                where q.server_id = t.server_id and q.cell = :cell and q.track > t.track and q.track < t.upto
                order by q.track, q.seq limit 1)
        from t where t.track is not null)
      select ordinal, track from t where track is not null order by ordinal, track
      """;

  /**
   * Leases the rows that were picked, leaving out what somebody else holds or has changed. Finds a
   * row once, by its key; what is locked is then updated where it stands.
   */
  private static final String TAKE =
      """
      update queue q
      set lease_no = q.lease_no + 1, attempt = q.attempt + 1, leased_at = clock_timestamp(),
          visible_at = least(clock_timestamp() + l.seconds * interval '1 s', to_timestamp(l.deadline))
      from (
        select x.tid, a.ordinal, a.seconds, a.deadline
        from unnest(:servers::int[], :tracks::smallint[], :seqs::bigint[], :lease_nos::int[], :seconds::int[],
                    :deadlines::float8[])
          with ordinality a(server_id, track, seq, lease_no, seconds, deadline, ordinal)
        cross join lateral (
          select q.ctid as tid from queue q
          where q.server_id = a.server_id and q.cell = :cell and q.track = a.track and q.seq = a.seq
            and q.lease_no = a.lease_no and q.visible_at <= statement_timestamp() and not q.cancelled
          for no key update skip locked) x) l
      where q.ctid = l.tid
      returning l.ordinal, q.lease_no, q.attempt, date_part('epoch', q.visible_at), date_part('epoch', q.leased_at)
      """;

  /**
   * Locks the rows that were picked, leaving out what somebody else holds or has changed, and
   * leases of each group the unbroken front that was locked.
   */
  private static final String TAKE_FRONTS =
      """
      with p as materialized (
        select *, :cell::smallint as cell
        from unnest(:servers::int[], :tracks::smallint[], :seqs::bigint[], :lease_nos::int[], :groups::int[],
                    :ranks::int[], :guards::bool[], :seconds::int[], :deadlines::float8[]) with ordinality
          p(server_id, track, seq, lease_no, grp, rank, guard, seconds, deadline, ordinal)),
      l as materialized (
        select p.*, row_number() over (partition by p.grp order by p.rank) as got
        from p cross join lateral (
          select from queue q
          where q.server_id = p.server_id and q.cell = :cell and q.track = p.track and q.seq = p.seq
            and q.lease_no = p.lease_no and q.visible_at <= statement_timestamp() and not q.cancelled
          for no key update skip locked) x)
      update queue q
      set lease_no = q.lease_no + 1, attempt = q.attempt + 1, leased_at = clock_timestamp(),
          visible_at = least(clock_timestamp() + l.seconds * interval '1 s', to_timestamp(l.deadline))
      from l
      where l.got = l.rank and not l.guard
        and q.server_id = l.server_id and q.cell = l.cell and q.track = l.track and q.seq = l.seq
      returning l.ordinal, q.lease_no, q.attempt, date_part('epoch', q.visible_at), date_part('epoch', q.leased_at)
      """;

  private LeaseStore() {}

  /** A candidate, with which request it belongs to and the database's time. */
  record Row(int ordinal, double now, Candidate candidate) {}

  /** One of a server's tracks that holds rows. */
  record TrackOf(int ordinal, short track) {}

  /**
   * @param ordinal which pick, from 0
   * @param until when the lease ends, in seconds since 1970, by the database's clock
   * @param leasedAt when it began, by the same
   */
  record Taken(int ordinal, int leaseNo, int attempt, double until, double leasedAt) {
    double remaining() {
      return until - leasedAt;
    }
  }

  /**
   * Stretches of servers' queues, as columns.
   *
   * @param tracks where each begins
   * @param seqs at which place of that track
   * @param tos before which track it ends
   * @param sizes how many rows of it to read
   */
  record Stretches(int[] servers, short[] tracks, long[] seqs, short[] tos, int[] sizes) {}

  /** The first rows of each stretch, by track and seq. */
  static List<Row> windows(Handle handle, short cell, Stretches stretches) {
    return rows(
        handle
            .createQuery(WINDOWS)
            .bind("servers", stretches.servers)
            .bind("tracks", stretches.tracks)
            .bind("seqs", stretches.seqs)
            .bind("tos", stretches.tos)
            .bind("sizes", stretches.sizes)
            .bind("cell", cell));
  }

  /** Rows by their keys, as columns; of those that there are. */
  static List<Row> places(Handle handle, short cell, int[] servers, short[] tracks, long[] seqs) {
    return rows(
        handle
            .createQuery(PLACES)
            .bind("servers", servers)
            .bind("tracks", tracks)
            .bind("seqs", seqs)
            .bind("cell", cell));
  }

  private static List<Row> rows(Query query) {
    return query
        .map((rs, context) -> {
          double now = rs.getDouble(2);
          return new Row(
              rs.getInt(1) - 1,
              now,
              new Candidate(
                  rs.getShort(3),
                  rs.getLong(4),
                  rs.getInt(5),
                  rs.getInt(6),
                  rs.getBoolean(7),
                  rs.getDouble(8) - now,
                  rs.getBoolean(9)));
        })
        .list();
  }

  /** The tracks that hold rows, of each server those between two others. */
  static List<TrackOf> tracks(
      Handle handle, short cell, int[] servers, short[] beyond, short[] tos) {
    return handle
        .createQuery(TRACKS)
        .bind("servers", servers)
        .bind("beyond", beyond)
        .bind("tos", tos)
        .bind("cell", cell)
        .map((rs, context) -> new TrackOf(rs.getInt(1) - 1, rs.getShort(2)))
        .list();
  }

  /** What is to be leased, as columns; guards are locked and not leased. */
  record Picks(
      int[] servers,
      short[] tracks,
      long[] seqs,
      int[] leaseNos,
      int[] groups,
      int[] ranks,
      boolean[] guards,
      int[] seconds,
      double[] deadlines) {}

  /**
   * Never waits. A row that has changed is not taken though one behind it may be: who gets less
   * than was picked must roll back.
   */
  static List<Taken> take(Handle handle, short cell, Picks picks) {
    return taken(
        handle
            .createQuery(TAKE)
            .bind("servers", picks.servers)
            .bind("tracks", picks.tracks)
            .bind("seqs", picks.seqs)
            .bind("lease_nos", picks.leaseNos)
            .bind("seconds", picks.seconds)
            .bind("deadlines", picks.deadlines)
            .bind("cell", cell));
  }

  /** Never waits, and takes of each group the unbroken front. */
  static List<Taken> takeFronts(Handle handle, short cell, Picks picks) {
    return taken(
        handle
            .createQuery(TAKE_FRONTS)
            .bind("servers", picks.servers)
            .bind("tracks", picks.tracks)
            .bind("seqs", picks.seqs)
            .bind("lease_nos", picks.leaseNos)
            .bind("groups", picks.groups)
            .bind("ranks", picks.ranks)
            .bind("guards", picks.guards)
            .bind("seconds", picks.seconds)
            .bind("deadlines", picks.deadlines)
            .bind("cell", cell));
  }

  private static List<Taken> taken(Query query) {
    return query
        .map((rs, context) ->
            new Taken(
                rs.getInt(1) - 1, rs.getInt(2), rs.getInt(3), rs.getDouble(4), rs.getDouble(5)))
        .list();
  }
}
