-- What people and BI tools may build on: documented views, and a role that can read them and nothing
-- else. Columns are only ever added.
-- Safe while an older server runs: everything here is new.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

create schema report;

create view report.participant as
select p.name as participant, p.cdn_id, p.delivery, p.scope, p.created_at, p.removed_at
from rollcall.participant p;
comment on view report.participant is 'The operators in the federation; removed_at is set for those that left.';

create view report.server as
select p.name as participant, s.name as server, p.name || '/' || s.name as full_name, s.region, s.labels,
       s.created_at, s.removed_at, r.last_poll_at, r.version as poller_version, r.operations as poller_operations
from rollcall.server s
join rollcall.participant p on p.id = s.participant_id
left join rollcall.server_presence r on r.server_id = s.id;
comment on view report.server is 'Edge servers; last_poll_at is null for one that never polled. A participant that does not pull has one, its gateway, named *.';

create view report.configuration as
select p.name as participant, c.name as configuration, p.name || '/' || c.name as full_name, u.name as customer,
       array(select h.host from rollcall.configuration_host h where h.configuration_id = c.id order by h.position) as hosts,
       c.created_at, c.removed_at
from rollcall.configuration c
join rollcall.participant p on p.id = c.participant_id
left join rollcall.customer u on u.id = c.customer_id;
comment on view report.configuration is 'What customers have deployed.';

create view report.command_rollup as
select c.id as command, p.name as participant, p.delivery, r.targeted, r.succeeded, r.failed, r.rejected, r.expired,
       r.cancelled, r.processed,
       r.targeted - r.succeeded - r.failed - r.rejected - r.expired - r.cancelled - r.processed as open
from (select seq, participant_id, sum(targeted)::int as targeted, sum(succeeded)::int as succeeded, sum(failed)::int as failed,
             sum(rejected)::int as rejected, sum(expired)::int as expired, sum(cancelled)::int as cancelled,
             sum(processed)::int as processed
      from rollcall.rollup group by seq, participant_id) r
join rollcall.command c on c.seq = r.seq
join rollcall.participant p on p.id = r.participant_id;
comment on view report.command_rollup is 'For each command and participant: how many executions were targeted, how they ended, and how many are open (pending or leased).';

create view report.command as
select c.id as command, c.operation, o.name as origin, c.configuration_name as configuration, c.created_by,
       case when c.final_state is not null then c.final_state
            when c.cancel_requested_at is not null then 'cancelling'
            when c.started_at is not null or coalesce(r.ended, 0) > 0 then 'active'
            else 'pending' end as state,
       case c.lane when 0 then 'urgent' when 1 then 'normal' else 'bulk' end as lane,
       c.ordering_key, c.targeted, coalesce(r.ended, 0) as ended,
       c.created_at, c.not_before, c.deadline_at, c.queued_at, c.started_at, c.cancel_requested_at, c.completed_at,
       extract(epoch from c.completed_at - c.created_at) as seconds_to_complete, c.retry_of
from rollcall.command c
left join rollcall.participant o on o.id = c.origin_id
left join lateral (
  select sum(succeeded + failed + rejected + expired + cancelled + processed)::int as ended
  from rollcall.rollup r where r.seq = c.seq) r on true;
comment on view report.command is 'Commands and their state, by the words of RFC 8007; origin is null for a command of the federation''s operators that belongs to no participant.';

create view report.execution as
select c.id as command, p.name as participant, s.name as server, p.name || '/' || s.name as full_name,
       case when q.leased_at > '-infinity' and q.visible_at > now() then 'leased' else 'pending' end as state,
       q.attempt::int as attempt, null::text as code, null::text as message, null::bigint as objects, null::jsonb as data,
       nullif(q.leased_at, '-infinity') as leased_at, null::timestamptz as finished_at
from rollcall.queue q
join rollcall.command c on c.seq = q.seq
join rollcall.server s on s.id = q.server_id
join rollcall.participant p on p.id = s.participant_id
union all
select c.id, p.name, s.name, p.name || '/' || s.name, e.state::text, e.attempt::int, e.code, e.message, e.objects, e.data,
       e.leased_at, e.finished_at
from rollcall.execution_result e
join rollcall.command c on c.seq = e.seq
join rollcall.server s on s.id = e.server_id
join rollcall.participant p on p.id = s.participant_id;
comment on view report.execution is 'One row for each command and server. Executions of a command whose not_before lies ahead are not here yet.';

create view report.attempt as
select c.id as command, p.name as participant, s.name as server, a.lease_no, a.outcome, a.code, a.message, a.at, a.late
from rollcall.attempt_log a
join rollcall.command c on c.seq = a.seq
join rollcall.server s on s.id = a.server_id
join rollcall.participant p on p.id = s.participant_id;
comment on view report.attempt is 'Attempts that did not end their execution, and results that came late (not counted).';

create view report.backlog as
select p.name as participant, s.name as server, p.name || '/' || s.name as full_name,
       case q.track / 8192 when 0 then 'urgent' when 1 then 'normal' else 'bulk' end as lane,
       count(*) as open,
       count(*) filter (where q.leased_at > '-infinity' and q.visible_at > now()) as leased,
       min(rollcall.seq_time(q.seq)) as oldest_at
from rollcall.queue q
join rollcall.server s on s.id = q.server_id
join rollcall.participant p on p.id = s.participant_id
group by 1, 2, 3, 4;
comment on view report.backlog is 'What waits for each server, by lane; reads the whole queue.';

do $$
begin
  create role rollcall_report login;
exception when duplicate_object or unique_violation then
  null; -- another database of this cluster made it; roles belong to the cluster
end $$;
alter role rollcall_report set default_transaction_read_only = on;
alter role rollcall_report set statement_timeout = '30s';
grant usage on schema report to rollcall_report;
grant select on all tables in schema report to rollcall_report;
