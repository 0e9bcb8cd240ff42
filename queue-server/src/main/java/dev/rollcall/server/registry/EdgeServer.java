// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A machine that executes commands.
 *
 * @param id its number in this database; a server that is removed and comes back gets another
 * @param participantId whose it is
 * @param fullName {@code participant/server}
 * @param name {@code *} for the gateway of a participant that does not pull
 * @param region null: none
 * @param addresses the IP addresses it is known by, in canonical form
 * @param cell which part of the queue holds its executions
 * @param operations what its poller said it can do; null: it never said
 */
public record EdgeServer(
    int id,
    short participantId,
    String fullName,
    String name,
    @Nullable String region,
    Map<String, String> labels,
    List<String> addresses,
    short cell,
    @Nullable Set<String> operations) {
  /** The name of the one server of a participant that does not pull. */
  public static final String GATEWAY = "*";

  public EdgeServer {
    labels = Map.copyOf(labels);
    addresses = List.copyOf(addresses);
  }
}
