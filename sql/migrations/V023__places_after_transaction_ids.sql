-- SPDX-License-Identifier: Apache-2.0
-- Who takes places has a transaction id before it has them: when every id that was given out up to
-- some moment is over, so is everybody who had taken a place by then, and nothing with a lower place
-- can appear any more. Readers of the queue skip by that what was settled long ago.

create or replace function rollcall.take_seqs(wanted int) returns bigint language plpgsql as $$
-- Gives the first of `wanted` consecutive numbers. A session lock, released before the transaction
-- ends, makes reading and raising the sequence one step without making other submits wait for this
-- one's commit; sequences are not transactional, so the raise is visible at once.
declare
  first bigint;
begin
  perform pg_current_xact_id();
  perform pg_advisory_lock(1380928588, 1);
  select greatest(s.last_value + 1,
                  ((extract(epoch from clock_timestamp()) * 1000)::bigint - 1577836800000) << 22)
    into first from rollcall.command_seq s;
  perform setval('rollcall.command_seq', first + wanted - 1);
  perform pg_advisory_unlock(1380928588, 1);
  return first;
exception when others or query_canceled then
  perform pg_advisory_unlock(1380928588, 1);
  raise;
end $$;
