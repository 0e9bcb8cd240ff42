// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.raw;

import java.sql.SQLException;

/** A way to keep the queue, with an empty database of its own. Closing it leaves the database. */
public interface Design extends AutoCloseable {
  /** Puts one command for all servers into the queue; durable when it returns. */
  void submit() throws SQLException;

  /** A connection of its own that serves every {@code lanes}-th participant. */
  Lane lane(int number) throws SQLException;

  /**
   * @throws IllegalStateException unless everything submitted has ended, was counted once, and
   *     nothing is left in the queue
   */
  void verify(long executions);

  @Override
  void close();

  /** Leases and settles for one group of servers after the other. Confined to one thread. */
  interface Lane extends AutoCloseable {
    int groups();

    /** Serves one group; answers how many executions ended. */
    int turn(int group) throws SQLException;

    @Override
    void close() throws SQLException;
  }
}
