-- Tokens that another one replaces, and when each was last used.
-- Safe while an older server runs: everything here is new; to an older one a replaced token just expires.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- replaced_by: the token that was made in place of this one, which expires_at then lets live on for a while.
alter table rollcall.token
  add column replaced_at timestamptz,
  add column replaced_by uuid references rollcall.token,
  add constraint token_replaced check (
    (replaced_at is null) = (replaced_by is null) and (replaced_at is null or expires_at is not null));
create index token_by_replacement on rollcall.token (replaced_at) where replaced_at is not null;

-- Written in batches, to the minute, and apart from the tokens: this row changes for ever, a token hardly ever.
create table rollcall.token_use (
  token_id uuid primary key,
  last_used_at timestamptz not null
) with (fillfactor = 50);
