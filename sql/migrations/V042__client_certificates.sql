-- Client certificates: a server or a peer may show one instead of a token.
-- Safe while an older server runs: to it such a row is a token whose secret nobody has.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

-- certificate: the name, in lower case, by which a client's certificate is known; then nobody has a token that
-- belongs to hash. One name stands for one holder.
alter table rollcall.token
  add column certificate text check (certificate = lower(certificate) and length(certificate) between 1 and 253),
  add constraint token_certificate_role check (certificate is null or role in ('server', 'peer'));
create unique index token_by_certificate on rollcall.token (certificate)
  where certificate is not null and revoked_at is null;
