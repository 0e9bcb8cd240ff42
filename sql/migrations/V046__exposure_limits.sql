-- Exposures have names, may end by themselves at a time, and may be suspended by who granted them.
-- Safe while an older server runs: what it writes has no name and no end, and the program names it; it does not heed
-- what is suspended, and forgets it when it writes the exposures of a participant.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- name: of one among those that a participant grants; null: written by an older server.
-- expired: until has passed; set by the program, which then ends what stood under it.
-- suspended: what becomes of executions under it: hold, they wait; end, they are rejected; null: not suspended.
alter table rollcall.exposure
  add column name text,
  add column until timestamptz,
  add column expired boolean not null default false,
  add column suspended text check (suspended in ('hold', 'end'));
create unique index exposure_by_name on rollcall.exposure (participant_id, name);

create view report.exposure as
select p.name as participant, e.name as exposure, o.name as to_participant, e.servers, e.operations, e.hosts,
       e.commands_per_minute, e.detail, e.until, e.suspended,
       case when e.expired then 'expired' when e.suspended is not null then 'suspended' else 'active' end as state
from rollcall.exposure e
join rollcall.participant p on p.id = e.participant_id
join rollcall.participant o on o.id = e.to_participant_id;
comment on view report.exposure is 'What participants let each other do on their servers. Of a suspended one, suspended says what becomes of executions under it: hold (they wait) or end (they are rejected).';
grant select on report.exposure to rollcall_report;
