// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Problems;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a command is aimed at, as it was asked for. */
sealed interface Target {
  /** The servers on which a configuration runs; or of these only some participants' or regions'. */
  record OfConfiguration(
      String configuration, @Nullable List<String> participants, @Nullable List<String> regions)
      implements Target {}

  /** Servers by name. */
  record OfServers(List<String> servers) implements Target {
    public OfServers {
      servers = List.copyOf(servers);
    }
  }

  /** Servers by what they are; what is null does not matter. */
  record OfSelector(
      @Nullable List<String> participants,
      @Nullable List<String> regions,
      Map<String, String> labels)
      implements Target {
    public OfSelector {
      labels = Map.copyOf(labels);
    }
  }

  /** Null when it cannot be read; the problems are noted. */
  static @Nullable Target read(Fields body, Problems problems) {
    body.require("target");
    Fields target = body.object("target");
    if (target == null || !target.isObject()) {
      return null;
    }
    List<String> forms =
        List.of("configuration", "servers", "selector").stream().filter(target::has).toList();
    if (forms.size() != 1) {
      target.problem(
          (forms.isEmpty() ? "names none" : "names " + String.join(" and ", forms))
              + "; exactly one of configuration, servers, selector is needed");
      return null;
    }
    Target read =
        switch (forms.getFirst()) {
          case "configuration" -> ofConfiguration(target);
          case "servers" -> ofServers(target);
          default -> ofSelector(target, problems);
        };
    target.done();
    return read;
  }

  private static @Nullable Target ofConfiguration(Fields target) {
    String configuration = target.text("configuration", 200);
    List<String> participants = names(target, "participants");
    List<String> regions = names(target, "regions");
    return configuration == null ? null : new OfConfiguration(configuration, participants, regions);
  }

  private static Target ofServers(Fields target) {
    List<String> servers = target.texts("servers", 200);
    if (target.elements("servers").isEmpty()) {
      target.problem("servers", "is empty; name at least one");
    }
    return new OfServers(servers.stream().distinct().toList());
  }

  private static Target ofSelector(Fields target, Problems problems) {
    Fields selector = target.object("selector");
    if (selector == null) {
      return new OfSelector(null, null, Map.of());
    }
    List<String> participants = names(selector, "participants");
    List<String> regions = names(selector, "regions");
    Map<String, String> labels = new TreeMap<>();
    JsonNode node = selector.node("labels");
    if (node != null) {
      Fields given = Fields.of(node, selector.pointer("labels"), problems);
      for (String name : node.isObject() ? node.propertyNames() : List.<String>of()) {
        String value = given.text(name, 63);
        if (value != null) {
          labels.put(name, value);
        }
      }
    }
    selector.done();
    if (selector.isObject() && participants == null && regions == null && labels.isEmpty()) {
      selector.problem("is empty; at least one of participants, regions, labels is needed");
    }
    return new OfSelector(participants, regions, labels);
  }

  private static @Nullable List<String> names(Fields fields, String field) {
    return fields.has(field) ? fields.texts(field, 200).stream().distinct().toList() : null;
  }
}
