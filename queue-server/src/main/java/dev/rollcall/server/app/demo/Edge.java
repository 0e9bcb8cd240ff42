// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An edge server of the demo.
 *
 * @param varnish a Varnish; else a directory of files
 */
record Edge(String participant, String name, String region, boolean varnish) {
  /** As the queue server knows it. */
  String fullName() {
    return participant + "/" + name;
  }

  /** Both participants' servers. */
  static List<Edge> fleet(int directories, boolean varnish) {
    List<Edge> fleet = new ArrayList<>();
    add(fleet, "alpha", "lax", "us-west", directories, varnish);
    add(fleet, "beta", "fra", "eu-central", directories, varnish);
    return List.copyOf(fleet);
  }

  private static void add(
      List<Edge> fleet,
      String participant,
      String site,
      String region,
      int directories,
      boolean varnish) {
    for (int i = 1; i <= directories; i++) {
      String name = String.format(Locale.ROOT, "%s-%02d", site, i);
      fleet.add(new Edge(participant, name, region, false));
    }
    if (varnish) {
      fleet.add(new Edge(participant, site + "-varnish", region, true));
    }
  }
}
