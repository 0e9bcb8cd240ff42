// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import dev.rollcall.server.app.cli.RestClient;
import java.net.URI;
import java.util.List;

/** All that runs, ready for commands. */
record Federation(URI server, RestClient client, List<Edge> fleet, Pollers pollers, Proof proof) {
  Federation {
    fleet = List.copyOf(fleet);
  }

  int edges() {
    return fleet.size();
  }

  int directories() {
    return (int) fleet.stream().filter(edge -> !edge.varnish()).count();
  }
}
