// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.server.auth.Act;
import dev.rollcall.server.auth.AuditStore;
import dev.rollcall.server.auth.Caller;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.HoldBoard;
import dev.rollcall.server.web.ApiException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What operators hold back. This node heeds a change before it is answered, other nodes within a
 * second. Thread-safe.
 */
public final class Holds {
  /** Every batch of leases compares what it reads with all of them. */
  private static final int MOST = 100;

  private final Pool changes;
  private final Pool reads;
  private final HoldBoard board;

  public Holds(Pool changes, Pool reads, HoldBoard board) {
    this.changes = changes;
    this.reads = reads;
    this.board = board;
  }

  /**
   * Sets a hold, or sets it anew.
   *
   * @param given the request's body, for the record
   * @return whether there was none of that name
   * @throws ApiException 409 when there are too many
   */
  boolean put(Caller caller, HoldRequest hold, JsonNode given) {
    boolean created =
        changes.inTransaction(handle -> {
          int others = HoldEditStore.lockAndCount(handle) - HoldEditStore.clear(handle);
          boolean fresh = HoldEditStore.put(handle, hold, caller.subject());
          if (fresh && others >= MOST) {
            throw ApiException.conflict("conflict", "There are " + MOST + " holds already.");
          }
          AuditStore.note(
              handle,
              Act.by(caller, "hold-set", object(hold.name()))
                  .concerning(id(hold.originId()), id(hold.participantId()))
                  .with(given));
          return fresh;
        });
    board.refresh();
    return created;
  }

  /** False when there is none. */
  boolean delete(Caller caller, String name) {
    boolean deleted =
        changes.inTransaction(handle -> {
          HoldEditStore.clear(handle);
          boolean done = HoldEditStore.delete(handle, name);
          if (done) {
            AuditStore.note(handle, Act.by(caller, "hold-removed", object(name)));
          }
          return done;
        });
    board.refresh();
    return deleted;
  }

  Optional<HoldEditStore.Row> byName(String name) {
    return reads.withHandle(handle -> HoldEditStore.byName(handle, name));
  }

  /** By name, those behind one. */
  List<HoldEditStore.Row> list(String after, int limit) {
    return reads.withHandle(handle -> HoldEditStore.list(handle, after, limit));
  }

  private static @Nullable Short id(@Nullable Integer participant) {
    return participant == null ? null : Short.valueOf(participant.shortValue());
  }

  private static String object(String name) {
    return "holds/" + name;
  }
}
