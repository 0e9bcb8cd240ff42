// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.auth;

import dev.rollcall.protocol.json.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The statements on the audit record. */
public final class AuditStore {
  private static final String NOTE =
      """
      insert into audit (subject, address, action, object, outcome, times, participant_id, other_participant_id,
                         actor_participant_id, detail)
      select u.subject, u.address, u.action, u.object, u.outcome, u.times, u.participant::smallint, u.other::smallint,
             u.actor::smallint, u.detail::jsonb
      from unnest(:subjects::text[], :addresses::text[], :actions::text[], :objects::text[], :outcomes::text[],
                  :times::int[], :participants::text[], :others::text[], :actors::text[], :details::text[])
        u(subject, address, action, object, outcome, times, participant, other, actor, detail)
      """;

  private static final String COLUMNS =
      """
      select a.seq, a.at, a.subject, a.address, a.action, a.object, a.outcome, a.times, a.participant_id,
             a.other_participant_id, a.actor_participant_id, a.detail
      from audit a
      """;

  /** The times are kept within what places are made for. */
  private static final String WITHIN =
      """
      a.seq < least(:before, seq_at(least(greatest(:until, '2020-01-01Z'), '2085-01-01Z')))
        and a.seq >= seq_at(least(greatest(:since, '2020-01-01Z'), '2085-01-01Z'))
        and (:action::text is null or a.action = :action::text)
      order by a.seq desc limit :limit
      """;

  private static final String NAMED =
      """
      select a.seq, a.at, a.subject, a.address, a.action, a.object, a.outcome, a.times, p.name, o.name,
             a.actor_participant_id, a.detail::text
      from (%s) a
      left join participant p on p.id = a.participant_id
      left join participant o on o.id = a.other_participant_id
      order by a.seq desc limit :limit
      """;

  private static final String OF_ALL = NAMED.formatted(COLUMNS + "where " + WITHIN);

  /** Two walks, each along the index that serves it. */
  private static final String OF_ONE =
      NAMED.formatted(
          "(%swhere a.participant_id = :participant and %s) union (%swhere a.other_participant_id = :participant and %s)"
              .formatted(COLUMNS, WITHIN, COLUMNS, WITHIN));

  private AuditStore() {}

  /** Notes what was done, in the transaction that does it. */
  public static void note(Handle handle, Act act) {
    note(handle, List.of(act));
  }

  /** The same for several, in one statement. */
  public static void note(Handle handle, Collection<Act> acts) {
    if (acts.isEmpty()) {
      return;
    }
    handle
        .createUpdate(NOTE)
        .bind("subjects", texts(acts, Act::subject))
        .bind("addresses", texts(acts, Act::address))
        .bind("actions", texts(acts, Act::action))
        .bind("objects", texts(acts, Act::object))
        .bind("outcomes", texts(acts, Act::outcome))
        .bind("times", acts.stream().mapToInt(Act::times).toArray())
        .bind("participants", texts(acts, act -> concerned(act, 0)))
        .bind("others", texts(acts, act -> concerned(act, 1)))
        .bind("actors", texts(acts, act -> act.actor() == null ? null : act.actor().toString()))
        .bind("details", texts(acts, act -> act.detail().toString()))
        .execute();
  }

  private static @Nullable String concerned(Act act, int which) {
    return act.concerns().size() > which ? act.concerns().get(which).toString() : null;
  }

  private static @Nullable String[] texts(
      Collection<Act> acts, Function<Act, @Nullable String> of) {
    @Nullable String[] column = new @Nullable String[acts.size()];
    int at = 0;
    for (Act act : acts) {
      column[at++] = of.apply(act);
    }
    return column;
  }

  /** The ids of those that exist, or last did. */
  static Map<String, Short> participants(Handle handle, Collection<String> names) {
    Map<String, Short> ids = new HashMap<>();
    handle
        .createQuery(
            """
            select distinct on (name) name, id from participant where name = any(:names::text[])
            order by name, removed_at desc nulls first
            """)
        .bind("names", names.toArray(String[]::new))
        .map((rs, context) -> ids.put(rs.getString(1), rs.getShort(2)))
        .list();
    return ids;
  }

  /**
   * What is asked for.
   *
   * @param participant whom it concerns; null: everybody
   * @param before places before this one
   */
  record Filter(
      @Nullable Short participant,
      long before,
      Instant since,
      Instant until,
      @Nullable String action,
      int limit) {}

  /** A line of the record, as it is listed. */
  record Row(
      long seq,
      Instant at,
      String subject,
      @Nullable String address,
      String action,
      String object,
      String outcome,
      int times,
      @Nullable String participant,
      @Nullable String otherParticipant,
      @Nullable Short actor,
      JsonNode detail) {}

  /** Newest first. */
  static List<Row> list(Handle handle, Filter filter) {
    var query =
        handle
            .createQuery(filter.participant() == null ? OF_ALL : OF_ONE)
            .bind("before", filter.before())
            .bind("since", filter.since().atOffset(ZoneOffset.UTC))
            .bind("until", filter.until().atOffset(ZoneOffset.UTC))
            .bind("action", filter.action())
            .bind("limit", filter.limit());
    if (filter.participant() != null) {
      query.bind("participant", filter.participant());
    }
    return query.map((rs, context) -> row(rs)).list();
  }

  private static Row row(ResultSet rs) throws SQLException {
    return new Row(
        rs.getLong(1),
        rs.getObject(2, OffsetDateTime.class).toInstant(),
        rs.getString(3),
        rs.getString(4),
        rs.getString(5),
        rs.getString(6),
        rs.getString(7),
        rs.getInt(8),
        rs.getString(9),
        rs.getString(10),
        rs.getObject(11) == null ? null : Short.valueOf(rs.getShort(11)),
        Json.MAPPER.readTree(rs.getString(12)));
  }
}
