// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.scenario;

import dev.rollcall.load.process.Group;

/** The federations that the scenarios run on. */
final class Groups {
  private static final int ORIGINS = 4;
  private static final int NARROW_EACH = 5;

  private Groups() {}

  /** Edges that are kept busy; some configurations are on ten of them only. */
  static Group busy(int edges) {
    return new Group("s", 5, edges / 5, ORIGINS, 50, 10);
  }

  /** Edges that all get one command. */
  static Group fan(int edges) {
    return Group.wide("f", 10, edges / 10, ORIGINS);
  }

  /**
   * The same; some configurations are on so many of them only, evenly: each edge has as many of
   * these as any other.
   *
   * @param targets divides the number of edges
   */
  static Group fair(int edges, int targets) {
    return new Group("f", 10, edges / 10, ORIGINS, NARROW_EACH * edges / targets, targets);
  }

  /** Servers that nobody polls for. */
  static Group far(int servers) {
    return Group.wide("x", 10, servers / 10, 1);
  }

  /** Edges that wait and have nothing to do. */
  static Group idle(int edges) {
    return Group.wide("i", 10, edges / 10, 1);
  }
}
