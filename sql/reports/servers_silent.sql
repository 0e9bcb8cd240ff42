-- Servers that have not asked for work lately, the longest silent first; those that never did come first.
-- Parameters:
--   seconds int: how long a server may be silent
-- Columns:
--   participant, server, region: which one
--   last_poll_at, silent_seconds: null for a server that never polled
--   open: executions that wait for it
--   oldest_at: when the oldest of them took its place in the queue
-- Relies on: one pass over rollcall.queue.
select s.participant, s.server, s.region, s.last_poll_at,
       extract(epoch from now() - s.last_poll_at)::bigint as silent_seconds,
       coalesce(b.open, 0)::bigint as open, b.oldest_at
from report.server s
left join (select full_name, sum(open) as open, min(oldest_at) as oldest_at from report.backlog group by full_name) b
  on b.full_name = s.full_name
where s.removed_at is null
  and (s.last_poll_at is null or s.last_poll_at < now() - make_interval(secs => :seconds::int))
order by s.last_poll_at nulls first, s.participant, s.server
limit 1000;
