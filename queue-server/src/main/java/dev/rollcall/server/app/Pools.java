// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;

/** The connections of one server, by what they are for. */
record Pools(Pool edge, Pool submit, Pool upkeep, Pool node, Pool read, Pool report)
    implements AutoCloseable {
  private static final int EDGE = 3;
  private static final int UPKEEP = 4;
  private static final int REPORT = 1;
  private static final int NODE = 1;

  /** On a connection of its own a node listens to the others. */
  private static final int LISTEN = 1;

  /** With fewer than this the larger pools give way. */
  private static final int AMPLE = EDGE + UPKEEP + REPORT + NODE + LISTEN + 4;

  /**
   * @param connections in all, at least 8
   */
  static Pools open(DatabaseAddress address, int connections) {
    int edge = connections < AMPLE ? 2 : EDGE;
    int upkeep = connections < AMPLE ? 1 : UPKEEP;
    int rest = connections - edge - upkeep - REPORT - NODE - LISTEN;
    int submit = Math.max(1, Math.min(4, rest / 2));
    int read = Math.max(1, rest - submit);
    return new Pools(
        Pool.open(address, Pool.Purpose.EDGE, edge),
        Pool.open(address, Pool.Purpose.SUBMIT, submit),
        Pool.open(address, Pool.Purpose.UPKEEP, upkeep),
        Pool.open(address, Pool.Purpose.NODE, NODE),
        Pool.open(address, Pool.Purpose.READ, read),
        Pool.open(address, Pool.Purpose.REPORT, REPORT));
  }

  @Override
  public void close() {
    edge.close();
    submit.close();
    upkeep.close();
    node.close();
    read.close();
    report.close();
  }
}
