// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** The statements of upkeep. */
final class UpkeepStore {
  private static final String LEASE =
      """
      insert into upkeep_lease (holder, until) values (:holder, clock_timestamp() + make_interval(secs => :seconds))
      on conflict (one) do update set holder = excluded.holder, until = excluded.until
        where upkeep_lease.holder = excluded.holder or upkeep_lease.until < clock_timestamp()
      """;

  /** By command, never by a walk over the queue. */
  private static final String OLDEST_PENDING =
      """
      select p.name, max(extract(epoch from clock_timestamp() - c.queued_at))::float8
      from command c
      join rollup r on r.seq = c.seq
        and r.succeeded + r.failed + r.rejected + r.expired + r.cancelled + r.processed < r.targeted
      join participant p on p.id = r.participant_id
      where c.completed_at is null and c.queued_at is not null
      group by p.name
      """;

  private static final String OLDEST_SNAPSHOT =
      """
      select coalesce(max(extract(epoch from clock_timestamp() - since)), 0)::float8
      from (select xact_start as since from pg_stat_activity where backend_xmin is not null
            union all select prepared from pg_prepared_xacts) s
      """;

  private static final String PARTITIONS_THERE =
      """
      select bool_and(to_regclass('execution_result_' || to_char(day, 'YYYYMMDD')) is not null
                      and to_regclass('attempt_log_' || to_char(day, 'YYYYMMDD')) is not null
                      and to_regclass('audit_' || to_char(day, 'YYYYMMDD')) is not null)
      from result_days(:ahead) day
      """;

  private UpkeepStore() {}

  /** Takes or renews the lease; false while another node holds it. */
  static boolean lease(Handle handle, String holder, int seconds) {
    return handle.createUpdate(LEASE).bind("holder", holder).bind("seconds", seconds).execute() > 0;
  }

  /** The next who asks has it. */
  static int giveBack(Handle handle, String holder) {
    return handle
        .createUpdate("delete from upkeep_lease where holder = :holder")
        .bind("holder", holder)
        .execute();
  }

  /** From yesterday on: a command accepted before midnight may get its place in yesterday's. */
  static boolean makePartitions(Handle handle, int ahead) {
    handle.execute("select pg_advisory_xact_lock(1380928588, 2)");
    handle
        .createQuery(
            """
            select make_result_partition(day) from (select day from result_days(:ahead) day order by day) d
            """)
        .bind("ahead", ahead)
        .map((rs, context) -> true)
        .list();
    return true;
  }

  static Map<String, Double> oldestPending(Handle handle) {
    Map<String, Double> found = new HashMap<>();
    handle
        .createQuery(OLDEST_PENDING)
        .map((rs, context) -> found.put(rs.getString(1), rs.getDouble(2)))
        .list();
    return found;
  }

  static double oldestSnapshot(Handle handle) {
    return handle.createQuery(OLDEST_SNAPSHOT).mapTo(Double.class).one();
  }

  /** Whether results have somewhere to go, from yesterday to so many days ahead. */
  static boolean hasPartitions(Handle handle, int ahead) {
    return handle.createQuery(PARTITIONS_THERE).bind("ahead", ahead).mapTo(Boolean.class).one();
  }
}
