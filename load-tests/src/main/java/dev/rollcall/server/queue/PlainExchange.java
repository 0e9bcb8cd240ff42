// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.queue;

import dev.rollcall.server.db.Pool;
import java.util.List;

/**
 * One batch of the edge, put together by the caller: the product's transaction without the line in
 * which polls gather. Stands in the queue's package because that transaction is nobody else's
 * business but the load program's.
 */
public final class PlainExchange {
  private static final short CELL = 0;

  private final Pool pool;
  private final CommandIndex index;
  private final Completion completion;
  private final Floors floors;

  public PlainExchange(Pool pool, CommandIndex index, Completion completion, Floors floors) {
    this.pool = pool;
    this.index = index;
    this.completion = completion;
    this.floors = floors;
  }

  /** Settles and leases for these servers, each of them once; durable when it returns. */
  public List<Exchange.Answer> run(List<Exchange.Request> requests) {
    ExchangeBatch.Done done =
        ExchangeBatch.inTransaction(pool, CELL, index, requests, HoldSet.NONE, floors.era());
    completion.count(done.batch().deltas());
    completion.mayHaveEnded(done.batch().full());
    completion.started(done.batch().started());
    return done.answers();
  }
}
