-- What waits, and since when: one row for each server and lane with open executions, oldest first.
-- Parameters:
--   participant text: only servers of this participant; '' for all
-- Columns:
--   participant, server, lane: where it waits
--   open, leased: executions that have not ended, and those of them under a live lease
--   oldest_at: when the oldest of them took its place in the queue
--   last_poll_at: when the server last asked for work; null: never
-- Relies on: one pass over rollcall.queue.
select b.participant, b.server, b.lane, b.open, b.leased, b.oldest_at, s.last_poll_at
from report.backlog b
join report.server s on s.participant = b.participant and s.server = b.server and s.removed_at is null
where :participant::text in ('', b.participant)
order by b.oldest_at, b.participant, b.server, b.lane
limit 1000;
