// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.upkeep;

import dev.rollcall.server.upkeep.Diagnosis.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** The statements of a diagnosis, each with its judgement. */
final class DiagnosisStore {
  private static final double LONGEST_SNAPSHOT_SECONDS = 300;
  private static final long MOST_TRANSACTIONS_HELD = 1_000_000;
  private static final double LEAST_HOT_SHARE = 0.95;
  private static final long ENOUGH_UPDATES = 10_000;
  private static final long FEW_DEAD_ROWS = 200_000;
  private static final int FEWEST_PARTITIONS_AHEAD = 2;
  private static final double LONG_PENDING_SECONDS = 3_600;
  private static final int MOST_PARTICIPANTS_SHOWN = 5;

  /** Whoever holds back cleaning up, the one that holds most of it first. */
  private static final String SNAPSHOTS =
      """
      select age(xmin)::bigint as transactions, extract(epoch from clock_timestamp() - since)::float8 as seconds, who, cure
      from (
        select backend_xmin as xmin, xact_start as since,
               'session ' || pid || ' (' || concat_ws(', ', usename, nullif(application_name, ''), state) || ')' as who,
               'end it, or select pg_terminate_backend(' || pid || ')' as cure
        from pg_stat_activity
        where backend_xmin is not null and pid <> pg_backend_pid() and backend_type <> 'walsender'
        union all
        select backend_xmin, null, 'standby ' || coalesce(nullif(application_name, ''), pid::text) || ' (hot_standby_feedback)',
               'end the long query on the standby'
        from pg_stat_replication where backend_xmin is not null
        union all
        select x, null, 'replication slot ' || slot_name || case when active then '' else ' (nobody uses it)' end,
               'if nobody needs it: select pg_drop_replication_slot(''' || slot_name || ''')'
        from pg_replication_slots cross join lateral (values (xmin), (catalog_xmin)) v(x)
        where x is not null
        union all
        select transaction, prepared, 'prepared transaction ' || gid, 'commit prepared or rollback prepared it'
        from pg_prepared_xacts) h
      order by transactions desc, seconds desc nulls last limit 1
      """;

  private static final String PENDING =
      """
      select p.name, max(extract(epoch from statement_timestamp() - c.queued_at))::float8 as seconds
      from command c
      join rollup r on r.seq = c.seq
        and r.succeeded + r.failed + r.rejected + r.expired + r.cancelled + r.processed < r.targeted
      join participant p on p.id = r.participant_id
      where c.completed_at is null and c.queued_at is not null
      group by p.name order by seconds desc, p.name
      """;

  private static final String NODES =
      """
      select seen_at > clock_timestamp() - interval '5 s' as alive,
             coalesce(address, 'starting') as address, left(id::text, 8) as id,
             extract(epoch from clock_timestamp() - seen_at)::float8 as silent
      from node order by started_at, id
      """;

  private static final String UPKEEP =
      """
      select l.until > clock_timestamp() as valid, coalesce(n.address, 'node ' || left(l.holder, 8)) as holder,
             extract(epoch from clock_timestamp() - l.until)::float8 as since
      from upkeep_lease l left join node n on n.id::text = l.holder
      """;

  private DiagnosisStore() {}

  /** Looks at everything. */
  static List<Finding> of(Handle handle) {
    List<Finding> findings = new ArrayList<>();
    findings.add(version(handle));
    findings.add(durability(handle));
    findings.add(snapshot(handle));
    findings.add(hotShare(handle));
    findings.add(deadRows(handle));
    findings.add(partitions(handle));
    findings.add(detaching(handle));
    findings.add(pending(handle));
    findings.add(nodes(handle));
    findings.add(upkeep(handle));
    return findings;
  }

  private static Finding version(Handle handle) {
    int version =
        one(handle, "select current_setting('server_version_num')::int / 10000", Integer.class);
    return finding(
        "PostgreSQL",
        version >= 15 && version <= 18,
        "version " + version,
        "15 to 18 are supported");
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
    return finding(
        "durability",
        off.isEmpty(),
        off.isEmpty()
            ? "fsync, full_page_writes and synchronous_commit are on"
            : off + " off: what was acknowledged can be lost",
        "turn it on");
  }

  private static Finding snapshot(Handle handle) {
    return handle
        .createQuery(SNAPSHOTS)
        .map((rs, context) -> {
          long transactions = rs.getLong(1);
          double seconds = rs.getDouble(2);
          boolean timed = !rs.wasNull();
          return finding(
              "oldest snapshot",
              seconds < LONGEST_SNAPSHOT_SECONDS && transactions < MOST_TRANSACTIONS_HELD,
              (timed ? span(seconds) + " and " : "")
                  + transactions
                  + " transactions old, held by "
                  + rs.getString(3),
              "no dead row younger than it can be removed; " + rs.getString(4));
        })
        .findOne()
        .orElse(new Finding("oldest snapshot", true, "none is held"));
  }

  private static Finding hotShare(Handle handle) {
    return handle
        .createQuery(
            """
            select coalesce(n_tup_upd, 0), coalesce(n_tup_hot_upd, 0) from pg_stat_user_tables
            where schemaname = 'rollcall' and relname = 'queue'
            """)
        .map((rs, context) -> {
          long updates = rs.getLong(1);
          double share = updates == 0 ? 1 : (double) rs.getLong(2) / updates;
          return finding(
              "HOT updates",
              updates < ENOUGH_UPDATES || share >= LEAST_HOT_SHARE,
              String.format(
                  Locale.ROOT, "%.1f %% of %d updates of the queue", share * 100, updates),
              "leases write to the index: is there an index on the queue that does not belong"
                  + " there, or a fillfactor above 50?");
        })
        .one();
  }

  private static Finding deadRows(Handle handle) {
    return handle
        .createQuery(
            """
            select coalesce(n_dead_tup, 0), coalesce(n_live_tup, 0),
                   extract(epoch from clock_timestamp() - greatest(last_autovacuum, last_vacuum))::float8,
                   pg_table_size(relid)
            from pg_stat_user_tables where schemaname = 'rollcall' and relname = 'queue'
            """)
        .map((rs, context) -> {
          long dead = rs.getLong(1);
          long live = rs.getLong(2);
          double vacuumed = rs.getDouble(3);
          String when = rs.wasNull() ? "never vacuumed" : "vacuumed " + span(vacuumed) + " ago";
          return finding(
              "dead rows",
              dead < FEW_DEAD_ROWS || dead < live,
              dead
                  + " beside "
                  + live
                  + " in the queue, "
                  + rs.getLong(4) / 1_048_576
                  + " MiB, "
                  + when,
              "is autovacuum on, and does anybody hold an old snapshot?");
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
    boolean now = UpkeepStore.hasPartitions(handle, 0);
    String oldest =
        one(
            handle,
            """
            select coalesce(min(to_char(to_date(right(relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD')), 'none')
            from (select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                  where i.inhparent = 'rollcall.execution_result'::regclass) p
            """,
            String.class);
    return finding(
        "partitions",
        now && ahead >= FEWEST_PARTITIONS_AHEAD,
        ahead + " day(s) ahead, the oldest of " + oldest + (now ? "" : "; none for today"),
        "results cannot be stored without; is no server running that makes them?");
  }

  private static Finding detaching(Handle handle) {
    String pending =
        one(
            handle,
            """
            select coalesce(string_agg(inhrelid::regclass::text, ', '), '') from pg_inherits
            where inhdetachpending and inhparent in ('rollcall.execution_result'::regclass, 'rollcall.attempt_log'::regclass)
            """,
            String.class);
    return finding(
        "retention",
        pending.isEmpty(),
        pending.isEmpty() ? "nothing is half removed" : "half removed: " + pending,
        "upkeep finishes it within minutes; if it stays, a long transaction reads the results");
  }

  private record Waiting(String participant, double seconds) {}

  private static Finding pending(Handle handle) {
    List<Waiting> waiting =
        handle
            .createQuery(PENDING)
            .map((rs, context) -> new Waiting(rs.getString(1), rs.getDouble(2)))
            .list();
    String text =
        waiting.stream()
            .limit(MOST_PARTICIPANTS_SHOWN)
            .map(w -> w.participant() + " " + span(w.seconds()))
            .collect(Collectors.joining(", "));
    int more = waiting.size() - MOST_PARTICIPANTS_SHOWN;
    return finding(
        "oldest pending",
        waiting.isEmpty() || waiting.getFirst().seconds() < LONG_PENDING_SECONDS,
        waiting.isEmpty() ? "nothing is pending" : text + (more > 0 ? ", " + more + " more" : ""),
        "report servers_silent names the servers that do not poll");
  }

  private record Node(boolean alive, String address, String id, double silent) {
    String shown() {
      return address + " (" + id + ")" + (alive ? "" : " for " + span(silent));
    }

    /** "1 alive: …": how many of them are so, and which. */
    static String list(List<Node> nodes, boolean alive) {
      List<Node> such = nodes.stream().filter(node -> node.alive() == alive).toList();
      String shown = such.stream().map(Node::shown).collect(Collectors.joining(", "));
      return such.size() + (alive ? " alive" : " silent") + (such.isEmpty() ? "" : ": " + shown);
    }
  }

  private static Finding nodes(Handle handle) {
    List<Node> nodes =
        handle
            .createQuery(NODES)
            .map((rs, context) ->
                new Node(rs.getBoolean(1), rs.getString(2), rs.getString(3), rs.getDouble(4)))
            .list();
    long alive = nodes.stream().filter(Node::alive).count();
    boolean all = alive == nodes.size();
    return finding(
        "nodes",
        alive > 0 && all,
        Node.list(nodes, true) + (all ? "" : "; " + Node.list(nodes, false)),
        alive == 0
            ? "no server runs on this database"
            : "was that killed, or is it cut off? It is forgotten after an hour, or when a server"
                + " starts at its address");
  }

  private static Finding upkeep(Handle handle) {
    Optional<Finding> found =
        handle
            .createQuery(UPKEEP)
            .map((rs, context) -> {
              boolean valid = rs.getBoolean(1);
              return finding(
                  "upkeep",
                  valid,
                  valid
                      ? "done by " + rs.getString(2)
                      : "nobody since " + span(rs.getDouble(3)) + ", last " + rs.getString(2),
                  "deadlines and partitions wait: is no server running?");
            })
            .findOne();
    return found.orElseGet(
        () -> finding("upkeep", false, "nobody does it", "start a server on this database"));
  }

  private static Finding finding(String subject, boolean good, String text, String advice) {
    return new Finding(subject, good, good ? text : text + "; " + advice);
  }

  /** As people say it. */
  private static String span(double seconds) {
    if (seconds < 120) {
      return String.format(Locale.ROOT, "%.0f s", seconds);
    }
    return seconds < 7_200
        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
        : seconds < 172_800
            ? String.format(Locale.ROOT, "%.0f h", seconds / 3_600)
            : String.format(Locale.ROOT, "%.0f days", seconds / 86_400);
  }

  private static <T> T one(Handle handle, String sql, Class<T> type) {
    return handle.createQuery(sql).mapTo(type).one();
  }
}
