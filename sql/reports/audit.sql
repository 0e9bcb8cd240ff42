-- Who did what, newest first: commands, the registry, operations, tokens, holds, ends by force, refusals.
-- Parameters:
--   since timestamptz: from then on
--   participant text: whom it concerns; empty: everybody
-- Columns:
--   at, subject, address: when, who (the role and the id of the token), from where
--   action, object, outcome: what was done to what, done or refused
--   times: how often; of refusals, in that minute
--   participant, other_participant: whom it concerns
--   detail: what else is known
-- Relies on: reads the record of the days since the time given.
select a.at, a.subject, a.address, a.action, a.object, a.outcome, a.times, a.participant, a.other_participant, a.detail
from report.audit a
where a.at >= :since::timestamptz
  and (:participant::text = '' or :participant::text in (a.participant, a.other_participant))
order by a.at desc
limit 1000;
