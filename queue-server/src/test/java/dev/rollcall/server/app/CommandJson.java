// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.protocol.json.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A command to be submitted, as JSON. Confined to one thread. */
final class CommandJson {
  private final ObjectNode body = Json.MAPPER.createObjectNode();

  private CommandJson(String operation) {
    body.put("operation", operation);
    body.putObject("target");
    body.putObject("parameters");
  }

  static CommandJson of(String operation) {
    return new CommandJson(operation);
  }

  /** Purges a URL of {@code alpha/acme-www}, wherever that is deployed. */
  static CommandJson purge() {
    return purge("alpha/acme-www", "https://www.acme.example/a.js");
  }

  static CommandJson purge(String configuration, String... urls) {
    CommandJson command = of("purge").target("{\"configuration\": \"" + configuration + "\"}");
    var array = ((ObjectNode) command.body.get("parameters")).putArray("urls");
    for (String url : urls) {
      array.add(url);
    }
    return command;
  }

  CommandJson target(String json) {
    body.set("target", Json.MAPPER.readTree(json));
    return this;
  }

  CommandJson parameters(String json) {
    body.set("parameters", Json.MAPPER.readTree(json));
    return this;
  }

  /** Adds an option; {@code json} is its value as JSON. */
  CommandJson option(String name, String json) {
    body.withObject("/options").set(name, Json.MAPPER.readTree(json));
    return this;
  }

  CommandJson text(String option, String value) {
    body.withObject("/options").put(option, value);
    return this;
  }

  /** Halves of surrogate pairs are escaped: UTF-8 would not bring them to the server. */
  @Override
  public String toString() {
    var out = new StringBuilder();
    body.toString()
        .codePoints()
        .forEach(c -> {
          if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            out.append("\\u").append(Integer.toHexString(c));
          } else {
            out.appendCodePoint(c);
          }
        });
    return out.toString();
  }

  Api.Answer post(Api api) {
    return api.post("/v1/commands", toString());
  }

  /** Submits it and answers the command as it was accepted. */
  JsonNode submit(Api api) {
    return post(api).status(202).json();
  }

  /** Submits it and answers its id. */
  String id(Api api) {
    return submit(api).path("id").asString();
  }
}
