// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.util.List;

/** The registry of the demo's federation. */
final class DemoManifest {
  static final String CONFIGURATION = "alpha/acme-www";
  static final String HOST = "www.acme.example";

  private DemoManifest() {}

  static String yaml(List<Edge> fleet) {
    return """
    # The demo's federation: acme is a customer of alpha; beta lets alpha use its servers.
    participants:
      - name: alpha
        delivery: poll
        customers: [{name: acme}]
        servers:
    %s\
        configurations:
          - name: acme-www
            customer: acme
            hosts: [%s]
            deployments: [%s]
      - name: beta
        delivery: poll
        servers:
    %s\
        exposures:
          - {to: alpha, servers: ["*"], operations: [purge, invalidate, load], hosts: ["*"], detail: servers}
    """
        .formatted(servers(fleet, "alpha"), HOST, deployments(fleet), servers(fleet, "beta"));
  }

  /** By name, not "alpha/*": servers of an earlier demo with more edges are still registered. */
  private static String deployments(List<Edge> fleet) {
    return String.join(", ", fleet.stream().map(Edge::fullName).toList());
  }

  private static String servers(List<Edge> fleet, String participant) {
    var lines = new StringBuilder();
    for (Edge edge : fleet) {
      if (edge.participant().equals(participant)) {
        lines.append(
            "      - {name: %s, region: %s, labels: {cache: %s}}\n"
                .formatted(edge.name(), edge.region(), edge.varnish() ? "varnish" : "directory"));
      }
    }
    return lines.toString();
  }
}
