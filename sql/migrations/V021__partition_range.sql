-- Which days result partitions must be there for: around today, and around the day of the last number that was
-- given out. The two differ when the clock was set back: numbers never go back, so commands go on getting numbers
-- of a day that lies ahead.
-- Safe while an older server runs: the function is new, and the older one does not call it.
set local lock_timeout = '5s';
set local statement_timeout = '60s';

create function rollcall.result_days(ahead int) returns setof date language sql stable as $$
  select distinct day + d
  from (select (now() at time zone 'UTC')::date as day
        union all
        select (rollcall.seq_time(s.last_value) at time zone 'UTC')::date
        from rollcall.command_seq s where s.last_value > rollcall.seq_at(now())) t
  cross join generate_series(-1, ahead) d
$$;
