// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.raw;

import java.util.ArrayList;
import java.util.List;

/**
 * The load that a design is put under.
 *
 * @param servers how many; numbered from 1, neighbours belong to one participant
 * @param participants how many own servers, numbered from 1
 * @param origins how many participants issue commands, in turns; each with a key of its own
 * @param group how many servers go through a statement together
 * @param perServer how many executions each of them is leased at once
 * @param lanes how many connections lease and settle; one more fans out
 * @param outstanding how many commands are in the queue at most
 */
public record Shape(
    int servers,
    int participants,
    int origins,
    int group,
    int perServer,
    int lanes,
    int outstanding) {
  /** What the ratios are defined on. */
  public static final Shape STANDARD = new Shape(10_000, 32, 4, 200, 10, 2, 20);

  /** One result in so many is a failure that ends its execution. */
  static final int FAILURE_EVERY = 50;

  /** The same load on another number of servers. */
  public Shape with(int others) {
    return new Shape(others, participants, origins, group, perServer, lanes, outstanding);
  }

  short participantOf(int server) {
    return (short) (1 + (long) (server - 1) * participants / servers);
  }

  /** The servers of a lane in groups; a participant's servers all belong to one lane. */
  List<int[]> groups(int lane) {
    List<Integer> own = new ArrayList<>();
    for (int server = 1; server <= servers; server++) {
      if (participantOf(server) % lanes == lane) {
        own.add(server);
      }
    }
    List<int[]> groups = new ArrayList<>();
    for (int from = 0; from < own.size(); from += group) {
      groups.add(
          own.subList(from, Math.min(own.size(), from + group)).stream()
              .mapToInt(Integer::intValue)
              .toArray());
    }
    return groups;
  }
}
