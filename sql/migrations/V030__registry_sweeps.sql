-- What changes of the registry are still to end: noted in the transaction of the change and taken away when it is
-- done, so that neither a crash nor a failure in between loses it.
-- Safe while an older server runs: everything here is new. The older one ends what its own changes end, and notes
-- nothing.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- server_ids: servers of one cell that were removed; none: the participant exposes something else than before.
-- taken_until: until then a node is at work on it. large: it took longer than a moment, and must not keep small ones
-- waiting. Few rows at any time, so no index but the key.
create table rollcall.registry_sweep (
  id bigint generated always as identity primary key,
  participant_id smallint not null,
  cell smallint not null default 0,
  server_ids int[] not null default '{}',
  large boolean not null default false,
  taken_until timestamptz not null default '-infinity'
);
