-- Rows of no server. Plans are kept for as long as a connection lives, and one that is made while the
-- queue is empty finds its whole index as cheap to read as one key, and reads it for every key once the
-- queue has filled. With these rows the queue never looks empty, whatever was vacuumed or analysed when.
-- Nothing meets them: servers have numbers above 0, and every statement of the queue is keyed by server.
insert into rollcall.queue (seq, server_id, cell, track)
select n, -n, 0, 0 from generate_series(1, 4000) n;

comment on table rollcall.queue is
  'Executions that have not ended. Rows with a server_id below 0 are ballast: they keep plans from being made for an empty table.';
