-- The audit record: who did what, from where, with what outcome. It held what operators did beside commands; now
-- commands, the registry, operations, tokens and refusals as well. Only ever added to: days that are old enough
-- are dropped as partitions, as those of results are.
-- Safe while an older server runs: there is a default for everything it does not know.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

drop view report.audit;
alter table rollcall.audit rename to audit_until_v050;
alter index rollcall.audit_pkey rename to audit_until_v050_pkey;

-- Places are ordered by time, as commands' are, so that a day is a range of them.
create sequence rollcall.audit_seq as bigint maxvalue 4194303 cycle;

-- subject: who, as in rollcall.command.created_by, or who could not say; address: from where the request came;
-- object: what it was done to, by its name in the API; times: of refusals, how many in that minute.
-- participant_id, other_participant_id: whom it concerns; actor_participant_id: whose token it was.
create table rollcall.audit (
  seq bigint primary key
    default rollcall.seq_at(clock_timestamp()) + nextval('rollcall.audit_seq'),
  at timestamptz not null default clock_timestamp(),
  subject text not null,
  address text,
  action text not null check (action ~ '^[a-z][a-z0-9-]{0,62}$'),
  object text not null,
  outcome text not null default 'done' check (outcome in ('done', 'refused')),
  times int not null default 1 check (times > 0),
  participant_id smallint,
  other_participant_id smallint,
  actor_participant_id smallint,
  detail jsonb not null check (jsonb_typeof(detail) = 'object')
) partition by range (seq);
create index audit_by_participant on rollcall.audit (participant_id, seq) where participant_id is not null;
create index audit_by_other_participant on rollcall.audit (other_participant_id, seq)
  where other_participant_id is not null;

create function rollcall.make_day_partition(parent text, day date) returns void language plpgsql as $$
declare
  part text := parent || to_char(day, '_YYYYMMDD');
begin
  if to_regclass(format('rollcall.%I', part)) is null then
    execute format('create table rollcall.%I (like rollcall.%I including all)', part, parent);
    execute format('alter table rollcall.%I attach partition rollcall.%I for values from (%s) to (%s)',
      parent, part,
      rollcall.seq_at(day::timestamp at time zone 'UTC'),
      rollcall.seq_at((day + 1)::timestamp at time zone 'UTC'));
  end if;
end $$;

create or replace function rollcall.make_result_partition(day date) returns void language sql as $$
  select rollcall.make_day_partition(parent, day) from unnest(array['execution_result', 'attempt_log', 'audit']) parent
$$;

-- An older server that does upkeep knows nothing of these: the new one finds them made for a week.
select rollcall.make_day_partition('audit', day)
from (select day from rollcall.result_days(7) day
      union select (at at time zone 'UTC')::date from rollcall.audit_until_v050) d;

insert into rollcall.audit (seq, at, subject, action, object, detail)
select rollcall.seq_at(at) + id % 4194304, at, subject, action, object, detail from rollcall.audit_until_v050;
drop table rollcall.audit_until_v050;

create function rollcall.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is only ever added to', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger audit_stays before update or delete on rollcall.audit
  for each row execute function rollcall.refuse_change();
create trigger audit_is_not_emptied before truncate on rollcall.audit
  for each statement execute function rollcall.refuse_change();

create view report.audit as
select a.at, a.subject, a.action, a.object, a.detail, a.outcome, a.times, a.address,
       p.name as participant, o.name as other_participant
from rollcall.audit a
left join rollcall.participant p on p.id = a.participant_id
left join rollcall.participant o on o.id = a.other_participant_id;
comment on view report.audit is
  'Who did what, from where, with what outcome: the role and the id of the token. participant and other_participant: whom it concerns.';
grant select on report.audit to rollcall_report;
