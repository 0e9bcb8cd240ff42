-- Servers carry the IP addresses under which they are known elsewhere, and a command may name them so.
-- Safe while an older server runs: it leaves the new column alone.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- In canonical form (RFC 5952 for IPv6). Not unique: private addresses occur once in every network.
alter table rollcall.server add column addresses text[] not null default '{}';

create or replace view report.server as
select p.name as participant, s.name as server, p.name || '/' || s.name as full_name, s.region, s.labels,
       s.created_at, s.removed_at, r.last_poll_at, r.version as poller_version, r.operations as poller_operations,
       y.since as missed_since, coalesce(y.missed, 0) as missed, s.addresses
from rollcall.server s
join rollcall.participant p on p.id = s.participant_id
left join rollcall.server_presence r on r.server_id = s.id
left join rollcall.resync y on y.server_id = s.id and y.cell = s.cell;
