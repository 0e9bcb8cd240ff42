// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** The statements by which the queue reads what is held. */
final class HoldStore {
  private static final String IN_FORCE =
      """
      select name, origin_id::int, participant_id::int, configuration_id, operation
      from hold where until is null or until > statement_timestamp()
      order by name
      """;

  private static final String SUBJECTS =
      "select seq, configuration_id, operation from command where seq = any(:seqs::bigint[])";

  private HoldStore() {}

  static List<Hold> inForce(Handle handle) {
    return handle
        .createQuery(IN_FORCE)
        .map((rs, context) ->
            new Hold(
                rs.getString(1),
                (Integer) rs.getObject(2),
                (Integer) rs.getObject(3),
                (Integer) rs.getObject(4),
                rs.getString(5)))
        .list();
  }

  static Map<Long, Hold.Subject> subjects(Handle handle, long[] seqs) {
    Map<Long, Hold.Subject> found = new HashMap<>();
    handle
        .createQuery(SUBJECTS)
        .bind("seqs", seqs)
        .map((rs, context) ->
            found.put(rs.getLong(1), new Hold.Subject((Integer) rs.getObject(2), rs.getString(3))))
        .list();
    return found;
  }
}
