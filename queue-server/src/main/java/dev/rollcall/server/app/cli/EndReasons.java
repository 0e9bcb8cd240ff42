// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Why a command did not end well: its executions that ended badly, those of one reason together.
 */
final class EndReasons {
  private static final List<String> STATES = List.of("failed", "rejected", "expired", "cancelled");
  private static final int NAMED = 3;
  private static final int MOST = 500;

  private record Reason(String state, String code, String message) {
    String words() {
      return state
          + (code.isEmpty() ? "" : " (" + code + ")")
          + (message.isEmpty() ? "" : ": " + message);
    }
  }

  private EndReasons() {}

  /**
   * Lines such as "2 failed (timeout): the cache did not answer: alpha/lax-01, alpha/lax-02". Says
   * nothing where the server does not show the executions: the rollup has been told already.
   */
  static List<String> of(RestClient client, CommandStatus command) throws InterruptedException {
    Map<Reason, List<String>> servers = new LinkedHashMap<>();
    for (String state : STATES) {
      if (count(command.totals(), state) > 0) {
        Call call = Call.get("v1", "commands", command.id(), "executions");
        Answer answer = client.send(call.query("state", state).query("limit", MOST));
        if (answer instanceof Answer.Ok ok) {
          ok.body().path("items").forEach(item -> add(servers, item));
        }
      }
    }
    return servers.entrySet().stream().map(e -> line(e.getKey(), e.getValue())).toList();
  }

  private static int count(Totals totals, String state) {
    return switch (state) {
      case "failed" -> totals.failed();
      case "rejected" -> totals.rejected();
      case "expired" -> totals.expired();
      default -> totals.cancelled();
    };
  }

  private static void add(Map<Reason, List<String>> servers, JsonNode item) {
    var reason = new Reason(text(item, "state"), text(item, "code"), text(item, "message"));
    servers.computeIfAbsent(reason, _ -> new ArrayList<>()).add(text(item, "server"));
  }

  private static String text(JsonNode item, String name) {
    return Printable.clip(Printable.text(item.path(name).asString("")), 200, "...");
  }

  private static String line(Reason reason, List<String> servers) {
    String named = String.join(", ", servers.subList(0, Math.min(NAMED, servers.size())));
    int more = servers.size() - NAMED;
    return "  "
        + servers.size()
        + (servers.size() == MOST ? " or more " : " ")
        + reason.words()
        + " - "
        + named
        + (more > 0 ? " and " + more + " more" : "");
  }
}
