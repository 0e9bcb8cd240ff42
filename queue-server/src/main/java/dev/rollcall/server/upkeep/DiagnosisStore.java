// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import dev.rollcall.server.upkeep.Diagnosis.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Handle;

/** The statements of a diagnosis, each with its judgement. */
final class DiagnosisStore {
  private static final double LONGEST_SNAPSHOT_SECONDS = 300;
  private static final double LEAST_HOT_SHARE = 0.9;
  private static final long ENOUGH_UPDATES = 10_000;
  private static final int FEWEST_PARTITIONS_AHEAD = 2;

  private DiagnosisStore() {}

  /** Looks at everything. */
  static List<Finding> of(Handle handle) {
    List<Finding> findings = new ArrayList<>();
    findings.add(version(handle));
    findings.add(durability(handle));
    findings.add(snapshot(handle));
    findings.add(hotShare(handle));
    findings.add(partitions(handle));
    findings.add(oldestOpen(handle));
    return findings;
  }

  private static Finding version(Handle handle) {
    int version =
        one(handle, "select current_setting('server_version_num')::int / 10000", Integer.class);
    return new Finding(
        "PostgreSQL",
        version >= 15 && version <= 18,
        "version " + version + (version >= 15 && version <= 18 ? "" : "; 15 to 18 are supported"));
  }

  private static Finding durability(Handle handle) {
    String off =
        one(
            handle,
            """
            select coalesce(string_agg(name, ', ' order by name), '') from pg_settings
            where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off'
            """,
            String.class);
    return new Finding(
        "durability",
        off.isEmpty(),
        off.isEmpty()
            ? "fsync, full_page_writes and synchronous_commit are on"
            : off + " off: what was acknowledged can be lost; turn it on");
  }

  private static Finding snapshot(Handle handle) {
    return handle
        .createQuery(
            """
            select coalesce(extract(epoch from clock_timestamp() - since), 0)::float8, who
            from (select xact_start as since,
                         'session ' || pid || ' (' || coalesce(usename, '') || ', ' || application_name || ', ' || state || ')' as who
                  from pg_stat_activity where backend_xmin is not null and pid <> pg_backend_pid()
                  union all
                  select prepared, 'prepared transaction ' || gid from pg_prepared_xacts) s
            order by since nulls last limit 1
            """)
        .map((rs, context) -> {
          double seconds = rs.getDouble(1);
          return new Finding(
              "oldest snapshot",
              seconds < LONGEST_SNAPSHOT_SECONDS,
              String.format(Locale.ROOT, "%.0f s, held by %s", seconds, rs.getString(2))
                  + (seconds < LONGEST_SNAPSHOT_SECONDS
                      ? ""
                      : "; while it is held nothing can be cleaned up: end it"));
        })
        .findOne()
        .orElse(new Finding("oldest snapshot", true, "none is held"));
  }

  private static Finding hotShare(Handle handle) {
    return handle
        .createQuery(
            """
            select n_tup_upd, n_tup_hot_upd, n_dead_tup from pg_stat_user_tables
            where schemaname = 'rollcall' and relname = 'queue'
            """)
        .map((rs, context) -> {
          long updates = rs.getLong(1);
          double share = updates == 0 ? 1 : (double) rs.getLong(2) / updates;
          boolean good = updates < ENOUGH_UPDATES || share >= LEAST_HOT_SHARE;
          return new Finding(
              "HOT updates",
              good,
              String.format(
                      Locale.ROOT,
                      "%.1f %% of %d updates of the queue, %d dead rows",
                      share * 100,
                      updates,
                      rs.getLong(3))
                  + (good ? "" : "; is there an index on the queue that does not belong there?"));
        })
        .one();
  }

  private static Finding partitions(Handle handle) {
    int ahead =
        one(
            handle,
            """
            select count(*)::int from generate_series(1, 30) d
            where to_regclass('rollcall.execution_result_'
              || to_char((now() at time zone 'UTC')::date + d, 'YYYYMMDD')) is not null
            """,
            Integer.class);
    return new Finding(
        "partitions",
        ahead >= FEWEST_PARTITIONS_AHEAD,
        ahead
            + " day(s) ahead"
            + (ahead >= FEWEST_PARTITIONS_AHEAD ? "" : "; is no server running that makes them?"));
  }

  private static Finding oldestOpen(Handle handle) {
    double seconds =
        one(
            handle,
            """
            select coalesce(extract(epoch from clock_timestamp() - min(queued_at)), 0)::float8
            from rollcall.command where completed_at is null and queued_at is not null
            """,
            Double.class);
    return new Finding(
        "oldest command",
        true,
        seconds == 0
            ? "nothing is open"
            : String.format(Locale.ROOT, "has been open for %.0f s", seconds));
  }

  private static <T> T one(Handle handle, String sql, Class<T> type) {
    return handle.createQuery(sql).mapTo(type).one();
  }
}
