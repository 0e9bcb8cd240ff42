-- Enrolment: machines exchange a join token for a server's own credential, at once or when somebody approves.
-- Safe while an older server runs: everything here is new.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- hash: SHA-256 of the token, which is shown once. replaces: may also take over a server that has a credential.
create table rollcall.join_token (
  id uuid primary key,
  hash bytea not null unique check (length(hash) = 32),
  participant_id smallint not null references rollcall.participant,
  uses int not null check (uses > 0),
  used int not null default 0 check (used between 0 and uses),
  region text check (region ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  labels jsonb not null default '{}' check (jsonb_typeof(labels) = 'object'),
  approval boolean not null,
  replaces boolean not null,
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);

-- One machine that asked. claim_hash: SHA-256 of what only that machine knows, by which it asks again.
-- had_credential: somebody held one for a server of that name when the machine first asked.
-- decided_by null: nobody had to decide.
create table rollcall.enrolment (
  id uuid primary key,
  join_token_id uuid not null references rollcall.join_token,
  claim_hash bytea not null check (length(claim_hash) = 32),
  server_name text not null check (server_name ~ '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$'),
  state text not null check (state in ('pending', 'approved', 'refused', 'enrolled')),
  had_credential boolean not null,
  address text not null,
  requested_at timestamptz not null default clock_timestamp(),
  decided_at timestamptz,
  decided_by text,
  reason text,
  enrolled_at timestamptz,
  token_id uuid references rollcall.token,
  unique (join_token_id, claim_hash),
  check ((state = 'pending') = (decided_at is null)),
  check ((state = 'enrolled') = (enrolled_at is not null)),
  check ((enrolled_at is null) = (token_id is null))
);
