// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.app.cli.Call;
import dev.rollcall.server.app.cli.CommandStatus;
import dev.rollcall.server.app.cli.RestClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the demo asks of the server, over the REST interface like anybody else. */
final class DemoApi {
  /** An edge that died must not keep the demo waiting for a day. */
  private static final int DEADLINE_SECONDS = 60;

  private final RestClient client;

  DemoApi(RestClient client) {
    this.client = client;
  }

  void apply(String manifestYaml) throws InterruptedException {
    var body = BodyPublishers.ofString(manifestYaml);
    client.sendOrFail(Call.put("application/yaml", body, "v1", "registry"));
  }

  /** A new token for one edge server. */
  String serverToken(Edge edge) throws InterruptedException {
    Call call =
        Call.post("v1", "participants", edge.participant(), "servers", edge.name(), "token");
    return client.sendOrFail(call).body().path("token").asString("");
  }

  /** By full name: when each server last polled; "" for never. */
  Map<String, String> lastPolls() throws InterruptedException {
    Map<String, String> polls = new HashMap<>();
    String cursor = "";
    do {
      Call call = Call.get("v1", "servers").query("limit", 100);
      JsonNode page =
          client.sendOrFail(cursor.isEmpty() ? call : call.query("cursor", cursor)).body();
      for (JsonNode server : page.path("items")) {
        polls.put(fullName(server), server.path("lastPollAt").asString(""));
      }
      cursor = page.path("next").asString("");
    } while (!cursor.isEmpty());
    return polls;
  }

  private static String fullName(JsonNode server) {
    String name = server.path("server").asString(server.path("name").asString(""));
    return name.contains("/") ? name : server.path("participant").asString("") + "/" + name;
  }

  CommandStatus submit(String operation, List<String> urls) throws InterruptedException {
    ObjectNode command = Json.MAPPER.createObjectNode().put("operation", operation);
    command.putObject("target").put("configuration", DemoManifest.CONFIGURATION);
    urls.forEach(command.putObject("parameters").putArray("urls")::add);
    command.putObject("options").put("deadlineSeconds", DEADLINE_SECONDS);
    return CommandStatus.read(client.sendOrFail(Call.post(command, "v1", "commands")).body());
  }
}
