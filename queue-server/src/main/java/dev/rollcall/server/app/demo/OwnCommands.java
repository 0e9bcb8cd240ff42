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
    String curl = "curl -sS -H \"Authorization: Bearer $(cat " + quoted(tokenFile) + ")\" \\\n  ";
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
    return path.matches("[A-Za-z0-9._/-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
  }
}
