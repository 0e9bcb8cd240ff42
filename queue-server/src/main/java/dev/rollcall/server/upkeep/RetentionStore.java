// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The statements that remove what has been kept for long enough. */
final class RetentionStore {
  /** Both by range of the primary key; a command of a day that has gone is in no partition. */
  private static final String OLD_COMMANDS =
      """
      select seq, completed_at is not null as ended,
             coalesce(completed_at < clock_timestamp() - interval '24 h', false) as removable
      from command
      where seq >= :from and seq < :to
      order by seq limit :most
      """;

  private static final String HURRY =
      """
      update command set upkeep_at = clock_timestamp()
      where seq = any(:seqs::bigint[]) and completed_at is null and upkeep_at > clock_timestamp()
        and deadline_at < clock_timestamp()
      """;

  /** Keys first: one that is claimed anew for a command that goes would stand for nothing. */
  private static final List<String> REMOVE =
      List.of(
          """
          delete from idempotency_key k using command c
          where c.seq = any(:seqs::bigint[]) and k.command_id = c.id
          """,
          "delete from rollup where seq = any(:seqs::bigint[])",
          "delete from command_target where seq = any(:seqs::bigint[])",
          "delete from command where seq = any(:seqs::bigint[])");

  /** Partitions by name, with what is left to be done: they were made by this program. */
  private static final String PARTITIONS =
      """
      select c.relname, p.relname as parent, i.inhrelid is not null as attached, coalesce(i.inhdetachpending, false) as pending,
             seq_at(d.day::timestamp at time zone 'UTC') as first, seq_at((d.day + 1)::timestamp at time zone 'UTC') as past
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'rollcall'
      join pg_class p on p.relnamespace = c.relnamespace and p.relkind = 'p'
        and c.relname ~ ('^' || p.relname || '_[0-9]{8}$') and p.relname = any(:parents::text[])
      cross join lateral (select case when c.relname ~ '_[0-9]{8}$' then to_date(right(c.relname, 8), 'YYYYMMDD') end as day) d
      left join pg_inherits i on i.inhrelid = c.oid and i.inhparent = p.oid
      where c.relkind = 'r'
        and (seq_at((d.day + 1)::timestamp at time zone 'UTC') <= :before or coalesce(i.inhdetachpending, false))
      order by d.day, c.relname
      """;

  private RetentionStore() {}

  /**
   * A command of days that may go.
   *
   * @param ended all of it has ended
   * @param removable and that a day ago or longer
   */
  record Old(long seq, boolean ended, boolean removable) {}

  /** Where the days begin that are kept, as a place in the order. */
  static long keptFrom(Handle handle, int days) {
    return handle
        .createQuery(
            "select seq_at((((now() at time zone 'UTC')::date - :days)::timestamp) at time zone"
                + " 'UTC')")
        .bind("days", days)
        .mapTo(Long.class)
        .one();
  }

  static List<Old> oldCommands(Handle handle, long from, long to, int most) {
    return handle
        .createQuery(OLD_COMMANDS)
        .bind("from", from)
        .bind("to", to)
        .bind("most", most)
        .map((rs, context) -> new Old(rs.getLong(1), rs.getBoolean(2), rs.getBoolean(3)))
        .list();
  }

  /** What is past its deadline and was not ended yet is looked after now. */
  static int hurry(Handle handle, List<Long> seqs) {
    return handle
        .createUpdate(HURRY)
        .bind("seqs", seqs.stream().mapToLong(Long::longValue).toArray())
        .execute();
  }

  static int remove(Handle handle, List<Long> seqs) {
    long[] column = seqs.stream().mapToLong(Long::longValue).toArray();
    int removed = 0;
    for (String statement : REMOVE) {
      removed = handle.createUpdate(statement).bind("seqs", column).execute();
    }
    return removed;
  }

  /**
   * A partition of a day that may go, or one whose detaching was broken off.
   *
   * @param attached still part of its parent
   * @param pending its detaching was begun
   * @param first the first place in the order that it holds
   * @param past the first that it does not
   */
  record Partition(
      String name, String parent, boolean attached, boolean pending, long first, long past) {}

  static List<Partition> partitions(Handle handle, List<String> parents, long before) {
    return handle
        .createQuery(PARTITIONS)
        .bind("parents", parents.toArray(String[]::new))
        .bind("before", before)
        .map((rs, context) ->
            new Partition(
                rs.getString(1),
                rs.getString(2),
                rs.getBoolean(3),
                rs.getBoolean(4),
                rs.getLong(5),
                rs.getLong(6)))
        .list();
  }

  /** The oldest command that is there; empty: none is. */
  static Optional<Long> oldestCommand(Handle handle) {
    return handle.createQuery("select min(seq) from command").mapTo(Long.class).findOne();
  }

  /** Waits for who reads the parent now, and stops nobody; in no transaction. */
  static void detach(Handle handle, Partition partition) {
    handle.execute(
        "alter table "
            + partition.parent()
            + " detach partition "
            + partition.name()
            + " concurrently");
  }

  /** Ends what a detaching that was broken off left behind. */
  static void finishDetaching(Handle handle, Partition partition) {
    handle.execute(
        "alter table "
            + partition.parent()
            + " detach partition "
            + partition.name()
            + " finalize");
  }

  static void drop(Handle handle, Partition partition) {
    handle.execute("drop table if exists " + partition.name());
  }

  /** How far the database's clock is ahead of the one that is given. */
  static double clockAheadSeconds(Handle handle, double epochSeconds) {
    return handle
        .createQuery("select extract(epoch from clock_timestamp())::float8 - :given")
        .bind("given", epochSeconds)
        .mapTo(Double.class)
        .one();
  }
}
