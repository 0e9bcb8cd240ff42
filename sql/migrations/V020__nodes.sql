-- The queue servers that run on this database. Each keeps its row fresh once a second, whatever it has to do,
-- and takes it away when it stops; a row that is no longer fresh is one of a server that was killed, or is cut off.
-- Safe while an older server runs: everything here is new. The older one is not in the list and hears nothing.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- seen_at: written and judged by the database's clock. The only index is on what is never updated, and
-- fillfactor leaves room for it on the page: each sign of life is a HOT update.
create table rollcall.node (
  id uuid primary key,
  address text,
  version text,
  started_at timestamptz not null,
  seen_at timestamptz not null
) with (fillfactor = 50);
