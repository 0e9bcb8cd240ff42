// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import java.net.URI;
import java.util.List;

/** What to type for a command of one's own. The token is read from its file, never shown. */
final class OwnCommands {
  private OwnCommands() {}

  /**
   * @param tokenFile as it can be written from the current directory
   * @param id a command to look at
   */
  static List<String> lines(URI server, String tokenFile, String id) {
    String curl = "curl -sS -H \"Authorization: Bearer $(cat " + quoted(tokenFile) + ")\" ";
    String body =
        "{\"operation\": \"purge\", \"target\": {\"configuration\": \"%s\"}, \"parameters\": {\"urls\": [\"%s\"]}}"
            .formatted(DemoManifest.CONFIGURATION, Show.urls().getFirst());
    return List.of(
        "# submit a command",
        curl + "-H 'Content-Type: application/json' -d '" + body + "' " + server + "/v1/commands",
        "# watch it: answers when something has changed (take the id from the answer above)",
        curl + "'" + server + "/v1/commands/" + id + "?waitSeconds=30&sinceVersion=0'",
        "# how it went on each server",
        curl + server + "/v1/commands/" + id + "/executions",
        "# a report: what waits, and since when",
        curl + server + "/v1/reports/queue_backlog",
        "# metrics",
        curl + server + "/metrics");
  }

  private static String quoted(String path) {
    return path.matches("[A-Za-z0-9._/-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
  }
}
