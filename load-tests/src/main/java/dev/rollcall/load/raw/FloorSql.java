// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.raw;

/** The floor's tables and statements. They are the yardstick: not to be tuned. */
final class FloorSql {
  static final String[] TABLES = {
    "create table participant(id smallint primary key, servers int not null)",
    "create table server(id int primary key, participant_id smallint not null)",
    "create table command(seq bigint primary key, parameters jsonb not null, created_at timestamptz"
        + " not null default now())",
    """
    create table queue(server_id int not null, seq bigint not null, participant_id smallint not null,
      attempt smallint not null default 0, lease_until timestamptz, lease_token bigint, primary key(server_id, seq))
      with (fillfactor=70)
    """,
    """
    create table result(command_id bigint not null, server_id int not null, participant_id smallint not null,
      code smallint not null, attempt smallint not null, finished_at timestamptz not null default now())
      partition by range (finished_at)
    """,
    "create table result_today partition of result for values from (current_date - 1) to"
        + " (current_date + 2)",
    "create index on result (command_id, server_id)",
    """
    create table rollup(command_id bigint not null, participant_id smallint not null, total int not null,
      ok int not null default 0, failed int not null default 0, primary key (command_id, participant_id))
      with (fillfactor=50)
    """,
  };

  static final String COMMAND = "insert into command(seq, parameters) values (?, ?::jsonb)";

  static final String ROLLUP =
      "insert into rollup(command_id, participant_id, total) select ?, id, servers from"
          + " participant";

  static final String FAN_OUT =
      "insert into queue(server_id, seq, participant_id) select id, ?, participant_id from server";

  static final String LEASE =
      """
      with p as (select unnest(?::int[]) as server_id),
      k as (select q.* from p cross join lateral (
              select server_id, seq from queue q
              where q.server_id = p.server_id and (lease_until is null or lease_until < now())
              order by seq limit %d for update skip locked) q)
      update queue q set lease_until = now() + interval '60s', lease_token = ?, attempt = q.attempt + 1::smallint
      from k where q.server_id = k.server_id and q.seq = k.seq returning q.server_id, q.seq
      """;

  static final String SETTLE =
      """
      with a as (select * from unnest(?::int[], ?::bigint[], ?::smallint[]) as a(server_id, seq, code)),
      del as (delete from queue q using a where q.server_id = a.server_id and q.seq = a.seq and q.lease_token = ?
              returning q.server_id, q.seq as command_id, q.participant_id, q.attempt, a.code),
      ins as (insert into result(command_id, server_id, participant_id, code, attempt)
              select command_id, server_id, participant_id, code, attempt from del),
      g as (select command_id, participant_id, count(*) filter (where code = 0) ok,
                   count(*) filter (where code <> 0) failed from del group by 1, 2),
      r as (update rollup r set ok = r.ok + g.ok, failed = r.failed + g.failed from g
            where r.command_id = g.command_id and r.participant_id = g.participant_id)
      select count(*) from del
      """;

  /** Executions that were not counted, counted twice, or left behind; 0: all is well. */
  static final String WRONG =
      """
      select (select count(*) from queue) + (select count(*) from rollup where ok + failed <> total)
        + abs((select coalesce(sum(ok + failed), 0) from rollup) - (select count(*) from result))
      """;

  private FloorSql() {}
}
