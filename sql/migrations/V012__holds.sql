-- Holds: operators say what is not to be handed out, until a time or until they take it back.
-- Safe while an older server runs: everything here is new; an older server does not heed holds.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- What is given must match, all of it. origin_id: who issued the command; participant_id: whose servers
-- execute it. Numbers, so that a name that is given anew later means another thing.
create table rollcall.hold (
  name text primary key check (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  origin_id smallint,
  participant_id smallint,
  configuration_id int,
  configuration_name text,
  operation text,
  until timestamptz,
  reason text,
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  check (num_nonnulls(origin_id, participant_id, configuration_id, operation) > 0),
  check ((configuration_id is null) = (configuration_name is null))
);

create view report.hold as
select h.name as hold, o.name as origin, p.name as participant, h.configuration_name as configuration, h.operation,
       h.until, h.reason, h.created_at, h.created_by
from rollcall.hold h
left join rollcall.participant o on o.id = h.origin_id
left join rollcall.participant p on p.id = h.participant_id
where h.until is null or h.until > now();
comment on view report.hold is 'What is not handed out now, because an operator says so: all that is given must match; until is null for a hold without end.';
grant select on report.hold to rollcall_report;
