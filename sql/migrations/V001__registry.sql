-- The registry: who takes part in the federation, what they run, what they let each other do.
-- Safe while an older server runs: everything here is new.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

create schema rollcall;

-- One row. Each change to the registry raises the version in its own transaction; a node reloads what
-- it holds in memory when it sees another version, and a submit is refused (and resolved anew) when
-- the version it was resolved against is no longer the current one.
create table rollcall.registry_state (
  one boolean primary key default true check (one),
  version bigint not null default 1
);
insert into rollcall.registry_state default values;

-- The id stands in the queue's key together with the lane (rollcall.queue.track), hence its bound.
create table rollcall.participant (
  id smallint generated always as identity primary key check (id between 1 and 8191),
  name text not null check (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  cdn_id text check (cdn_id ~ '^AS[0-9]+:[0-9]+$'),
  delivery text not null check (delivery in ('poll', 'peer', 'gateway')),
  scope text not null check (scope in ('all', 'exposed')),
  peer_protocol text,
  peer_url text,
  peer_token_reference text,
  created_at timestamptz not null default now(),
  removed_at timestamptz,
  check ((delivery = 'peer') = (peer_protocol is not null)),
  check ((peer_protocol is null) = (peer_url is null))
);
create unique index participant_by_name on rollcall.participant (name) where removed_at is null;

create table rollcall.customer (
  id int generated always as identity primary key,
  participant_id smallint not null references rollcall.participant,
  name text not null check (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
create unique index customer_by_name on rollcall.customer (participant_id, name) where removed_at is null;

-- A participant that does not pull has one server, its gateway, named '*'.
-- cell: which part of the queue the server's executions live in; given once, never updated.
create table rollcall.server (
  id int generated always as identity primary key,
  participant_id smallint not null references rollcall.participant,
  name text not null check (name = '*' or name ~ '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$'),
  region text check (region ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  labels jsonb not null default '{}' check (jsonb_typeof(labels) = 'object'),
  cell smallint not null default 0,
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
create unique index server_by_name on rollcall.server (participant_id, name) where removed_at is null;

-- What a server's poller last said of itself. Written in batches, apart from the registry: a poll must
-- not make every node reload. Free space for HOT updates: this row changes for ever.
create table rollcall.server_presence (
  server_id int primary key,
  last_poll_at timestamptz not null,
  instance text,
  version text,
  operations text[]
) with (fillfactor = 50);

create table rollcall.configuration (
  id int generated always as identity primary key,
  participant_id smallint not null references rollcall.participant,
  customer_id int references rollcall.customer,
  name text not null check (name ~ '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$'),
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
create unique index configuration_by_name on rollcall.configuration (participant_id, name)
  where removed_at is null;

-- A host belongs to one configuration. That wildcards do not overlap with others' hosts is checked by
-- the program, under the lock of registry_state.
create table rollcall.configuration_host (
  host text primary key,
  configuration_id int not null references rollcall.configuration,
  position smallint not null
);
create index configuration_host_by_configuration on rollcall.configuration_host (configuration_id);

-- server_id null: all servers of the participant, as they are at the time of each command.
create table rollcall.deployment (
  configuration_id int not null references rollcall.configuration,
  participant_id smallint not null references rollcall.participant,
  server_id int references rollcall.server,
  unique nulls not distinct (configuration_id, participant_id, server_id)
);
create index deployment_by_server on rollcall.deployment (server_id);

-- What participant_id lets to_participant_id do on its servers. '*' in servers or hosts: all.
create table rollcall.exposure (
  id int generated always as identity primary key,
  participant_id smallint not null references rollcall.participant,
  to_participant_id smallint not null references rollcall.participant,
  position smallint not null,
  servers text[] not null,
  operations text[] not null,
  hosts text[] not null,
  commands_per_minute int check (commands_per_minute > 0),
  detail text not null check (detail in ('counts', 'servers')),
  check (participant_id <> to_participant_id)
);
create index exposure_by_participant on rollcall.exposure (participant_id);

-- Operations beyond purge, invalidate and load, with the JSON Schema of their parameters.
create table rollcall.operation (
  name text primary key check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  parameters_schema jsonb not null,
  created_at timestamptz not null default now()
);

-- hash: SHA-256 of the token; the token itself is shown once and never stored.
create table rollcall.token (
  id uuid primary key,
  hash bytea not null unique check (length(hash) = 32),
  role text not null
    check (role in ('operator', 'participant', 'customer', 'server', 'peer', 'reporter')),
  participant_id smallint references rollcall.participant,
  customer_id int references rollcall.customer,
  server_id int references rollcall.server,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  check (case role
    when 'operator' then participant_id is null and customer_id is null and server_id is null
    when 'participant' then participant_id is not null and customer_id is null and server_id is null
    when 'customer' then customer_id is not null and server_id is null
    when 'server' then server_id is not null and customer_id is null
    when 'peer' then participant_id is not null and customer_id is null and server_id is null
    else customer_id is null and server_id is null
  end)
);
create index token_by_revocation on rollcall.token (revoked_at) where revoked_at is not null;
