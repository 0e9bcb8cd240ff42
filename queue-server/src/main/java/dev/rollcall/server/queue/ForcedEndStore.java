// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/** The statements that end one execution because an operator says so, whatever it is doing. */
final class ForcedEndStore {
  private static final String THERE =
      """
      select q.seq from queue q
      where q.server_id = :server and q.cell = :cell and q.track = :track and q.seq = :seq
      """;

  /** A statement of its own: the next one decides from what the row is once it is held. */
  private static final String LOCK = THERE + "for update of q";

  private static final String END =
      """
      with cur as materialized (
        select q.lease_no, q.attempt, q.leased_at,
               q.leased_at > '-infinity' and q.visible_at > statement_timestamp() as live
        from queue q
        where q.server_id = :server and q.cell = :cell and q.track = :track and q.seq = :seq),
      del as (
        delete from queue q using cur
        where q.server_id = :server and q.cell = :cell and q.track = :track and q.seq = :seq),
      ins as (
        insert into execution_result (seq, server_id, cell, participant_id, state, code, message, lease_no, attempt,
                                      reported, leased_at)
        select :seq, :server, :cell, :participant, 'cancelled', :code, :reason, lease_no, attempt, false,
               nullif(leased_at, '-infinity')
        from cur)
      select lease_no, live from cur
      """;

  private static final String END_SCHEDULED =
      """
      insert into execution_result (seq, server_id, cell, participant_id, state, code, message, lease_no, attempt, reported)
      values (:seq, :server, :cell, :participant, 'cancelled', :code, :reason, 0, 0, false)
      on conflict do nothing
      """;

  private static final String CODE = "forced";

  private ForcedEndStore() {}

  /**
   * What it was when it was ended.
   *
   * @param leaseNo the number of its last lease, 0: none
   * @param live whether that was still held
   */
  record Ended(int leaseNo, boolean live) {}

  /** Empty when it is not in the queue: it has ended. */
  static Optional<Ended> end(
      Handle handle, QueueServer server, QueuedCommand command, String reason) {
    boolean held = isFound(handle, LOCK, server, command);
    while (!held && isFound(handle, THERE, server, command)) {
      held = isFound(handle, LOCK, server, command); // a settlement put another row in its place
    }
    return held
        ? key(handle.createQuery(END), server, command.seq())
            .bind("track", command.track())
            .bind("participant", server.participantId())
            .bind("code", CODE)
            .bind("reason", reason)
            .map((rs, context) -> new Ended(rs.getInt(1), rs.getBoolean(2)))
            .findOne()
        : Optional.empty();
  }

  private static boolean isFound(
      Handle handle, String statement, QueueServer server, QueuedCommand command) {
    return key(handle.createQuery(statement), server, command.seq())
        .bind("track", command.track())
        .mapTo(Long.class)
        .findOne()
        .isPresent();
  }

  /** Of a command that waits for its time, and is held so; false when it has ended. */
  static boolean endScheduled(Handle handle, QueueServer server, long seq, String reason) {
    return key(handle.createUpdate(END_SCHEDULED), server, seq)
            .bind("participant", server.participantId())
            .bind("code", CODE)
            .bind("reason", reason)
            .execute()
        > 0;
  }

  private static <S extends SqlStatement<S>> S key(S statement, QueueServer server, long seq) {
    return statement.bind("server", server.id()).bind("cell", server.cell()).bind("seq", seq);
  }
}
