-- What operators did beside commands: ends by force, holds. Written in the transaction that did it, so
-- that neither stands without the other.
-- Safe while an older server runs: everything here is new.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- subject: who, as in rollcall.command.created_by; object: what it was done to, by its name in the API.
create table rollcall.audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  subject text not null,
  action text not null check (action ~ '^[a-z][a-z0-9-]{0,62}$'),
  object text not null,
  detail jsonb not null check (jsonb_typeof(detail) = 'object')
);

create view report.audit as
select a.at, a.subject, a.action, a.object, a.detail from rollcall.audit a;
comment on view report.audit is 'What operators did beside commands, and who it was: the role and the id of the token.';
grant select on report.audit to rollcall_report;
