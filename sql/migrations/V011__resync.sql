-- Servers that missed commands: executions of theirs expired without ever having been handed out. A row
-- stands until the server's poller says that it has made up for it.
-- Safe while an older server runs: a new table that it does not write, and columns at a view's end.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- id: a new one with each change, so that whoever acknowledges one has made up for exactly what it stood
-- for. since: when the oldest missed command entered the queue. changed_by: the transaction that changed
-- the row last; a node asks for the rows changed by what was not over when it last looked.
create table rollcall.resync (
  server_id int not null,
  cell smallint not null,
  id uuid not null default gen_random_uuid(),
  since timestamptz not null,
  missed bigint not null check (missed > 0),
  changed_by xid8 not null default pg_current_xact_id(),
  primary key (server_id, cell)
);
create index resync_by_change on rollcall.resync (changed_by);

create or replace view report.server as
select p.name as participant, s.name as server, p.name || '/' || s.name as full_name, s.region, s.labels,
       s.created_at, s.removed_at, r.last_poll_at, r.version as poller_version, r.operations as poller_operations,
       y.since as missed_since, coalesce(y.missed, 0) as missed
from rollcall.server s
join rollcall.participant p on p.id = s.participant_id
left join rollcall.server_presence r on r.server_id = s.id
left join rollcall.resync y on y.server_id = s.id and y.cell = s.cell;
comment on view report.server is 'Edge servers; last_poll_at is null for one that never polled. A participant that does not pull has one, its gateway, named *. missed: commands that expired there without ever having been handed out, and for which the server has not made up.';
