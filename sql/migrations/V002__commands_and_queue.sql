-- Commands, their executions by server, the results and the counters.
-- Safe while an older server runs: everything here is new.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

create type rollcall.execution_end as enum ('succeeded', 'failed', 'rejected', 'expired', 'cancelled');

-- The place of a command in the order: milliseconds since 2020-01-01 UTC in the upper 41 bits, a
-- running number in the lower 22. It never goes back, even when the clock does: then it counts on
-- from the last one. Taken under the lock of the command's ordering key, so that within a key the
-- order of the numbers is the order of the commits.
create sequence rollcall.command_seq as bigint;

create function rollcall.take_seqs(wanted int) returns bigint language plpgsql as $$
-- Gives the first of `wanted` consecutive numbers. A session lock, released before the transaction
-- ends, makes reading and raising the sequence one step without making other submits wait for this
-- one's commit; sequences are not transactional, so the raise is visible at once.
declare
  first bigint;
begin
  perform pg_advisory_lock(1380928588, 1);
  select greatest(s.last_value + 1,
                  ((extract(epoch from clock_timestamp()) * 1000)::bigint - 1577836800000) << 22)
    into first from rollcall.command_seq s;
  perform setval('rollcall.command_seq', first + wanted - 1);
  perform pg_advisory_unlock(1380928588, 1);
  return first;
exception when others or query_canceled then
  perform pg_advisory_unlock(1380928588, 1);
  raise;
end $$;

-- When in time a seq lies; for partitions, retention and people.
create function rollcall.seq_time(seq bigint) returns timestamptz language sql immutable as
$$ select to_timestamp(((seq >> 22) + 1577836800000) / 1000.0) $$;

create function rollcall.seq_at(at timestamptz) returns bigint language sql immutable as
$$ select ((extract(epoch from at) * 1000)::bigint - 1577836800000) << 22 $$;

-- id: the same everywhere in the federation. seq: orders and joins inside this database; a command
-- with a later not_before gets a new one when it enters the queue, since it takes its place then.
-- configuration_*: as they were at acceptance; what happens to the configuration later changes nothing.
-- started_at: the first hand-out, written a moment after it; queued_at: when its executions entered.
-- upkeep_at: when upkeep is to look at it next.
create table rollcall.command (
  seq bigint primary key,
  id uuid not null unique,
  origin_id smallint not null,
  customer_id int,
  created_by text not null,
  operation text not null,
  target jsonb not null,
  parameters jsonb not null,
  options jsonb not null,
  configuration_id int,
  configuration_name text,
  configuration_hosts text[],
  ordering_key text not null,
  ordering_hash bigint not null,
  lane smallint not null check (lane between 0 and 2),
  lease_seconds smallint not null check (lease_seconds between 1 and 3600),
  max_attempts smallint not null check (max_attempts between 1 and 100),
  payload_bytes int not null,
  targeted int not null check (targeted >= 0),
  retry_of uuid,
  created_at timestamptz not null default now(),
  not_before timestamptz,
  deadline_at timestamptz not null,
  queued_at timestamptz,
  started_at timestamptz,
  cancel_requested_at timestamptz,
  completed_at timestamptz,
  final_state text check (final_state in ('complete', 'processed', 'failed', 'cancelled')),
  upkeep_at timestamptz not null,
  check ((completed_at is null) = (final_state is null)),
  check (ordering_hash >= 0 and (ordering_hash = 0) = (ordering_key = '')),
  check ((configuration_name is null) = (configuration_hosts is null)),
  check (queued_at is not null or not_before is not null or completed_at is not null)
) with (fillfactor = 70);
create index command_upkeep on rollcall.command (upkeep_at) where completed_at is null;
create index command_by_origin on rollcall.command (origin_id, id);
create index command_by_customer on rollcall.command (customer_id, id) where customer_id is not null;
create index command_by_configuration on rollcall.command (configuration_id, id)
  where configuration_id is not null;

-- The target as it was when the command was accepted.
create table rollcall.command_target (
  seq bigint not null,
  cell smallint not null,
  participant_id smallint not null,
  server_ids int[] not null,
  primary key (seq, cell, participant_id)
);
create index command_target_by_participant on rollcall.command_target (participant_id, seq);

-- What has not ended, by server. The primary key is the only index and holds no column that is ever
-- updated, so that every lease is a HOT update; fillfactor leaves room for it on the page. What all
-- executions of a command share (deadline, lease length, ordering key, attempts allowed) stands in
-- rollcall.command. track = lane * 8192 + origin_id: a server's executions lie by lane, in it by
-- origin, in it by acceptance. leased_at is -infinity when the last lease was given back, or none was
-- given. Leased means: leased_at > -infinity and visible_at > now; all else is pending.
-- cancelled: the command was cancelled while this was leased; never to be leased again.
create table rollcall.queue (
  seq bigint not null,
  visible_at timestamptz not null default '-infinity',
  leased_at timestamptz not null default '-infinity',
  server_id int not null,
  lease_no int not null default 0 check (lease_no >= 0),
  attempt smallint not null default 0 check (attempt >= 0),
  track smallint not null check (track >= 0),
  cell smallint not null,
  cancelled boolean not null default false,
  primary key (server_id, cell, track, seq),
  check (leased_at = '-infinity' or (lease_no > 0 and attempt > 0)),
  check (not cancelled or leased_at > '-infinity')
) with (
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 50000,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 500000,
  autovacuum_vacuum_cost_delay = 0
);

-- How executions ended. reported: by a result under lease_no; else by the server (deadline, cancel,
-- lapse of the last lease, removal, refusal at acceptance).
create table rollcall.execution_result (
  seq bigint not null,
  finished_at timestamptz not null default clock_timestamp(),
  leased_at timestamptz,
  server_id int not null,
  lease_no int not null,
  state rollcall.execution_end not null,
  participant_id smallint not null,
  cell smallint not null,
  attempt smallint not null,
  reported boolean not null,
  code text,
  message text,
  objects bigint,
  data jsonb,
  primary key (seq, server_id, cell)
) partition by range (seq);

-- Attempts that did not end their execution (late false), and results that came under a lease that
-- was no longer the current one (late true). Only leases that were really given.
create table rollcall.attempt_log (
  seq bigint not null,
  at timestamptz not null default clock_timestamp(),
  server_id int not null,
  lease_no int not null,
  cell smallint not null,
  late boolean not null,
  outcome text not null,
  code text,
  message text,
  primary key (seq, server_id, cell, lease_no)
) partition by range (seq);

-- The only counters, and the only thing beside queue and results that settling writes.
create table rollcall.rollup (
  seq bigint not null,
  cell smallint not null,
  participant_id smallint not null,
  targeted int not null check (targeted > 0),
  succeeded int not null default 0,
  failed int not null default 0,
  rejected int not null default 0,
  expired int not null default 0,
  cancelled int not null default 0,
  processed int not null default 0,
  primary key (seq, cell, participant_id),
  check (succeeded + failed + rejected + expired + cancelled + processed <= targeted)
) with (fillfactor = 50);

-- The caller's key for a request. scope: whose key it is; digest: SHA-256 over what was asked.
create table rollcall.idempotency_key (
  scope text not null,
  key text not null check (length(key) between 1 and 255),
  command_id uuid not null,
  digest bytea not null,
  created_at timestamptz not null default now(),
  primary key (scope, key)
);
create index idempotency_key_by_command on rollcall.idempotency_key (command_id);

-- Who does upkeep: one node at a time, until its time runs out.
create table rollcall.upkeep_lease (
  one boolean primary key default true check (one),
  holder text not null,
  until timestamptz not null
);

-- Result partitions are made days ahead by the server, one a day, never a default one: a row that
-- fits none must fail loudly. Made apart and then attached: that takes no lock that inserts wait for.
create function rollcall.make_result_partition(day date) returns void language plpgsql as $$
declare
  parent text;
  part text;
begin
  foreach parent in array array['execution_result', 'attempt_log'] loop
    part := parent || to_char(day, '_YYYYMMDD');
    if to_regclass(format('rollcall.%I', part)) is null then
      execute format('create table rollcall.%I (like rollcall.%I including all)', part, parent);
      execute format('alter table rollcall.%I attach partition rollcall.%I for values from (%s) to (%s)',
        parent, part,
        rollcall.seq_at(day::timestamp at time zone 'UTC'),
        rollcall.seq_at((day + 1)::timestamp at time zone 'UTC'));
    end if;
  end loop;
end $$;
