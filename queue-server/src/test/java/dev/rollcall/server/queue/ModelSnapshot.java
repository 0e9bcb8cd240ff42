// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.server.queue.ModelState.End;
import dev.rollcall.server.queue.ModelState.Place;
import dev.rollcall.server.queue.ModelState.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** All that the queue holds, as sorted lines: of the database, and of the model. */
final class ModelSnapshot {
  private static final String LINES =
      """
      with c as (select seq, 'c' || rank() over (order by seq) || ' ' as name, final_state from command)
      select name || 's' || server_id || ' open lease=' || lease_no || ' attempt=' || attempt
             || ' visible=' || case when visible_at = '-infinity' then '-'
                                    else ((extract(epoch from visible_at) * 1000000)::bigint)::text end
             || ' leased=' || case when leased_at = '-infinity' then '-'
                                   else ((extract(epoch from leased_at) * 1000000)::bigint)::text end
             || ' cancelled=' || cancelled
      from queue join c using (seq)
      union all
      select name || 's' || server_id || ' ended ' || state || ' code=' || code || ' lease=' || lease_no
             || ' attempt=' || attempt
             || ' leased=' || coalesce(((extract(epoch from leased_at) * 1000000)::bigint)::text, '-')
             || ' reported=' || reported
      from execution_result join c using (seq)
      union all
      select name || 's' || server_id || ' log lease=' || lease_no || ' late=' || late
      from attempt_log join c using (seq)
      union all
      select name || 'rollup ' || targeted || ': ' || succeeded || ' ' || failed || ' ' || rejected || ' '
             || expired || ' ' || cancelled
      from rollup join c using (seq)
      union all
      select name || 'final ' || final_state from c where final_state is not null
      """;

  /** What must hold whatever the model says. Each row is a violation. */
  private static final String VIOLATIONS =
      """
      select 'counters of ' || r.seq || ' are not its results' from rollup r
      where (r.succeeded, r.failed, r.rejected, r.expired, r.cancelled, r.processed) <>
        (select count(*) filter (where state = 'succeeded'), count(*) filter (where state = 'failed'),
                count(*) filter (where state = 'rejected'), count(*) filter (where state = 'expired'),
                count(*) filter (where state = 'cancelled'), 0::bigint
         from execution_result e where e.seq = r.seq and e.cell = r.cell and e.participant_id = r.participant_id)
      union all
      select r.seq || ' has ' || r.targeted || ' targets, but not so many open or ended' from rollup r
      where r.targeted <> (select count(*) from queue q where q.seq = r.seq)
        + (select count(*) from execution_result e where e.seq = r.seq)
      union all
      select q.seq || ' at ' || q.server_id || ' is open and ended' from queue q
      join execution_result e on e.seq = q.seq and e.server_id = q.server_id
      union all
      select q.seq || ' at ' || q.server_id || ' is no target' from queue q
      where q.server_id > 0
        and not exists (select from command_target t where t.seq = q.seq and q.server_id = any(t.server_ids))
      union all
      select q.seq || ' at ' || q.server_id || ' has had more attempts than allowed' from queue q
      join command c on c.seq = q.seq where q.attempt > c.max_attempts or q.attempt > q.lease_no
      union all
      select c.seq || ' ended too early' from command c
      join rollup r on r.seq = c.seq and r.targeted <> r.succeeded + r.failed + r.rejected + r.expired + r.cancelled
      where c.completed_at is not null
      """;

  private ModelSnapshot() {}

  static List<String> of(Handle handle) {
    List<String> lines = handle.createQuery(LINES).mapTo(String.class).list();
    lines.sort(null);
    return lines;
  }

  static List<String> violations(Handle handle) {
    return handle.createQuery(VIOLATIONS).mapTo(String.class).list();
  }

  static Set<Place> open(Handle handle) {
    return new TreeSet<>(
        handle
            .createQuery("select server_id, seq from queue where server_id > 0")
            .map((rs, context) -> new Place(rs.getInt(1), rs.getLong(2)))
            .list());
  }

  static List<String> of(ModelState model) {
    Map<Long, String> names = new HashMap<>();
    model.commands().forEach(c -> names.put(c.seq(), "c" + (names.size() + 1) + " "));
    List<String> lines = new ArrayList<>();
    Map<Long, Map<EndState, Integer>> counts = new TreeMap<>();
    Map<Long, Integer> targeted = new TreeMap<>();
    model
        .rows()
        .forEach((key, row) -> {
          lines.add(names.get(key.seq()) + "s" + key.server() + " " + line(row));
          targeted.merge(key.seq(), 1, Integer::sum);
          Map<EndState, Integer> own =
              counts.computeIfAbsent(key.seq(), k -> new EnumMap<>(EndState.class));
          if (row.end() != null) {
            own.merge(row.end().state(), 1, Integer::sum);
          }
        });
    counts.forEach((seq, own) ->
        lines.add(
            names.get(seq)
                + "rollup "
                + targeted.get(seq)
                + ": "
                + String.join(
                    " ",
                    Arrays.stream(EndState.values())
                        .map(state -> String.valueOf(own.getOrDefault(state, 0)))
                        .toList())));
    model
        .log()
        .forEach((key, leases) ->
            leases.forEach((lease, late) ->
                lines.add(
                    names.get(key.seq())
                        + "s"
                        + key.server()
                        + " log lease="
                        + lease
                        + " late="
                        + late)));
    model.finalStates().forEach((seq, state) -> lines.add(names.get(seq) + "final " + state));
    lines.sort(null);
    return lines;
  }

  private static String line(Row row) {
    String leased = row.isLeased() ? String.valueOf(row.leasedAt()) : "-";
    End end = row.end();
    String head =
        end == null
            ? "open lease=%s attempt=%s visible=%s"
                .formatted(
                    row.leaseNo(),
                    row.attempt(),
                    row.visibleAt() == ModelState.NEVER ? "-" : row.visibleAt())
            : "ended %s code=%s lease=%s attempt=%s"
                .formatted(end.state().sql(), end.code(), row.leaseNo(), row.attempt());
    return head
        + " leased="
        + leased
        + (end == null ? " cancelled=" + row.cancelled() : " reported=" + end.reported());
  }
}
