-- How far commands are, newest first: one row for each command and participant.
-- Parameters:
--   since timestamptz: commands accepted from then on
-- Columns:
--   command, operation, origin, configuration, state, created_at, completed_at: the command
--   participant: whose servers the row counts; null for a command that had no target
--   targeted, open, succeeded, failed, rejected, expired, cancelled, processed: its executions there
-- Relies on: reads the commands since the time given and their rollups by key.
select c.command, c.operation, c.origin, c.configuration, c.state, c.created_at, c.completed_at,
       r.participant, r.targeted, r.open, r.succeeded, r.failed, r.rejected, r.expired, r.cancelled, r.processed
from report.command c
left join report.command_rollup r on r.command = c.command
where c.created_at >= :since::timestamptz
order by c.created_at desc, c.command, r.participant
limit 1000;
