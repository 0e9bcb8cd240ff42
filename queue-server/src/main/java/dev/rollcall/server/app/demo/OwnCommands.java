// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * What to type for a command of one's own. curl reads the token from a file: what the shell put
 * into its arguments every user of the machine could read in the process list.
 */
final class OwnCommands {
  private OwnCommands() {}

  /**
   * @param header the file that holds the header with the token
   * @param id a command to look at
   */
  static List<String> lines(URI server, Path header, String id) {
    String curl = "curl -sS -H " + quoted("@" + header.toAbsolutePath()) + " \\\n  ";
    String url = Show.urls().getFirst();
    String command = server + "/v1/commands/" + id;
    return List.of(
        "# submit a command; the answer holds its id",
        curl
            + "-H 'Content-Type: application/json' -d '{\"operation\": \"purge\",\n"
            + "   \"target\": {\"configuration\": \"%s\"},\n".formatted(DemoManifest.CONFIGURATION)
            + "   \"parameters\": {\"urls\": [\"%s\"]}}' \\\n  ".formatted(url)
            + server
            + "/v1/commands",
        "# watch a command: answers when something has changed",
        curl + "'" + command + "?waitSeconds=30&sinceVersion=0'",
        "# how it went on each server",
        curl + command + "/executions",
        "# a report: what waits for alpha's servers, and since when",
        curl + "'" + server + "/v1/reports/queue_backlog?participant=alpha'",
        "# metrics",
        curl + server + "/metrics");
  }

  private static String quoted(String path) {
    return path.matches("[@A-Za-z0-9._/-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
  }
}
