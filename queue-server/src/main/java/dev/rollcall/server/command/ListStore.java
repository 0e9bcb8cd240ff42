// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The statements that find the commands of a list. */
final class ListStore {
  /** What is asked of a command, whosever it is. */
  private static final String ASKED =
      """
       and c.id < :before::uuid
       and (:operation::text is null or c.operation = :operation::text)
       and (:configuration::text is null or c.configuration_name = :configuration::text)
       and (:since::timestamptz is null or c.created_at >= :since::timestamptz)
       and (:until::timestamptz is null or c.created_at < :until::timestamptz)
      """;

  private static final String STATE =
      """
       and (:state::text is null or :state::text = case
              when c.final_state is not null then c.final_state
              when c.cancel_requested_at is not null then 'cancelling'
              when c.started_at is not null
                or exists (select from rollup r where r.seq = c.seq
                           and r.succeeded + r.failed + r.rejected + r.expired + r.cancelled + r.processed > 0)
                then 'active'
              else 'pending' end)
      """;

  /** As {@link CommandView} finds it for who sees this part only. */
  private static final String STATE_OF_PART =
      """
       and (:state::text is null or :state::text = (
         select case
              when r.ended < r.targeted then case
                when c.cancel_requested_at is not null then 'cancelling'
                when c.started_at is not null or r.ended > 0 then 'active'
                else 'pending' end
              when c.cancel_requested_at is not null and r.cancelled > 0 then 'cancelled'
              when r.bad > 0 then 'failed'
              when r.processed > 0 then 'processed'
              else 'complete' end
         from (
           select sum(targeted) as targeted, sum(cancelled) as cancelled, sum(processed) as processed,
                  sum(failed + rejected + expired + cancelled) as bad,
                  sum(succeeded + failed + rejected + expired + cancelled + processed) as ended
           from rollup where seq = c.seq and participant_id = :seer) r))
      """;

  private static final String LATEST = " order by c.id desc limit :limit";
  private static final String KEYS = "select c.seq, c.id from command c where ";
  private static final String WITH_PART =
      " and exists (select from command_target t where t.seq = c.seq and t.participant_id ="
          + " :participant::int)";

  /** With those that are the seer's own: leaving them out would be to look through all of them. */
  private static final String EXECUTED =
      KEYS
          + "exists (select from command_target t where t.seq = c.seq and t.participant_id = :seer)"
          + ASKED
          + " and (c.origin_id = :seer"
          + STATE
          + " or c.origin_id <> :seer"
          + STATE_OF_PART
          + ")"
          + LATEST;

  /** Rows in the order of their keys, read one by one: most of a row is its payload. */
  private static final String ROWS =
      """
      ) k
      cross join lateral (select * from command where seq = k.seq offset 0) c
      order by k.id desc
      """;

  /** Above every id that there is. */
  private static final UUID FIRST = new UUID(-1, -1);

  /** So much of targets, parameters and options is read at once, and makes a page. */
  private static final int MOST_BYTES = 4 << 20;

  private static final int ROWS_AT_ONCE = 10;

  private ListStore() {}

  /** What a list asks for; null: does not matter. */
  record Filter(
      @Nullable String state,
      @Nullable String operation,
      @Nullable String configuration,
      @Nullable Short participantId,
      @Nullable Instant since,
      @Nullable Instant until,
      @Nullable Short seerId,
      @Nullable Integer customerId,
      @Nullable UUID before,
      int limit) {}

  /**
   * A page of a list.
   *
   * @param more whether something follows
   */
  record Page(List<ReadStore.CommandRow> rows, boolean more) {}

  /** By id, which is time-ordered: newest first. */
  static Page list(Handle handle, Filter filter) {
    Query query =
        handle
            .createQuery(ReadStore.COLUMNS + "from (" + keys(filter) + ROWS)
            .setFetchSize(ROWS_AT_ONCE)
            .bind("state", filter.state)
            .bind("operation", filter.operation)
            .bind("configuration", filter.configuration)
            .bind("since", ReadStore.utc(filter.since))
            .bind("until", ReadStore.utc(filter.until))
            .bind("before", filter.before == null ? FIRST : filter.before)
            .bind("limit", filter.limit + 1);
    bindIfGiven(query, "participant", integer(filter.participantId));
    bindIfGiven(query, "seer", integer(filter.seerId));
    bindIfGiven(query, "customer", filter.customerId);
    List<ReadStore.CommandRow> rows = new ArrayList<>();
    try (ResultIterator<Sized> found = query.map((rs, context) -> sized(rs)).iterator()) {
      long bytes = 0;
      while (found.hasNext()) {
        Sized row = found.next();
        bytes += row.bytes();
        if (!rows.isEmpty() && (rows.size() == filter.limit || bytes > MOST_BYTES)) {
          return new Page(rows, true);
        }
        rows.add(row.command());
      }
    }
    return new Page(rows, false);
  }

  /**
   * A seer's two sides are looked up apart: each has an index, either or both have none. Who else
   * executes a command is known to those alone who see it whole.
   */
  private static String keys(Filter filter) {
    String whole = (filter.participantId == null ? "" : WITH_PART) + ASKED + STATE + LATEST;
    if (filter.customerId != null) {
      return KEYS + "c.customer_id = :customer" + whole;
    }
    if (filter.seerId == null) {
      return KEYS + "true" + whole;
    }
    String ordered = KEYS + "c.origin_id = :seer" + whole;
    return filter.participantId == null || filter.participantId.equals(filter.seerId)
        ? "select seq, id from (("
            + ordered
            + ") union ("
            + EXECUTED
            + ")) c order by id desc limit :limit"
        : ordered;
  }

  private static void bindIfGiven(Query query, String name, @Nullable Integer value) {
    if (value != null) {
      query.bind(name, value);
    }
  }

  /** A row with about how much of an answer it makes. */
  private record Sized(ReadStore.CommandRow command, long bytes) {}

  private static Sized sized(ResultSet rs) throws SQLException {
    long bytes = 0;
    for (int column = 6; column <= 8; column++) {
      bytes += rs.getBytes(column).length;
    }
    return new Sized(ReadStore.row(rs), bytes);
  }

  private static @Nullable Integer integer(@Nullable Short value) {
    return value == null ? null : Integer.valueOf(value);
  }
}
