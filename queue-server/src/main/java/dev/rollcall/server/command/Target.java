// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.command;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.registry.EdgeServer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a command is aimed at, as it was asked for. */
sealed interface Target {
  /** A name, and where it stands in the request. */
  record Name(String text, String pointer) {
    private static final String IP = "ip:";

    /** Whether it names a server by its address. */
    boolean isAddress() {
      return text.startsWith(IP);
    }

    String address() {
      return text.substring(IP.length());
    }
  }

  /** The servers on which a configuration runs; or of these only some participants' or regions'. */
  record OfConfiguration(
      Name configuration, @Nullable List<Name> participants, @Nullable List<Name> regions)
      implements Target {}

  /** Servers by name. */
  record OfServers(List<Name> servers) implements Target {
    public OfServers {
      servers = List.copyOf(servers);
    }
  }

  /** Servers by what they are; what is null does not matter. */
  record OfSelector(
      @Nullable List<Name> participants, @Nullable List<Name> regions, Map<String, String> labels)
      implements Target {
    public OfSelector {
      labels = Map.copyOf(labels);
    }
  }

  /**
   * A target as it is kept: servers by their names, for what an address means may change.
   *
   * @param given as it was written
   * @param servers what was found
   */
  static JsonNode kept(Target target, JsonNode given, List<EdgeServer> servers) {
    return target instanceof OfServers of && of.servers().stream().anyMatch(Name::isAddress)
        ? Json.MAPPER.valueToTree(
            Map.of("servers", servers.stream().map(EdgeServer::fullName).toList()))
        : given;
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
    String configuration = target.text("configuration", LONGEST_NAME);
    List<Name> participants = names(target, "participants", MOST_NAMES);
    List<Name> regions = names(target, "regions", MOST_NAMES);
    return configuration == null
        ? null
        : new OfConfiguration(
            new Name(configuration, target.pointer("configuration")), participants, regions);
  }

  private static Target ofServers(Fields target) {
    JsonNode given = target.node("servers");
    if (given != null && given.isArray() && given.isEmpty()) {
      target.problem("servers", "is empty; name at least one");
    }
    return new OfServers(
        Objects.requireNonNullElse(names(target, "servers", MOST_SERVERS), List.of()));
  }

  private static Target ofSelector(Fields target, Problems problems) {
    Fields selector = target.object("selector");
    if (selector == null) {
      return new OfSelector(null, null, Map.of());
    }
    List<Name> participants = names(selector, "participants", MOST_NAMES);
    List<Name> regions = names(selector, "regions", MOST_NAMES);
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
    boolean noLabels = node == null || (node.isObject() && node.isEmpty());
    if (selector.isObject() && participants == null && regions == null && noLabels) {
      selector.problem("is empty; at least one of participants, regions, labels is needed");
    }
    return new OfSelector(participants, regions, labels);
  }

  /** Those that are texts, each once, where it stands first; null when the field is absent. */
  private static @Nullable List<Name> names(Fields fields, String field, int most) {
    if (!fields.has(field)) {
      return null;
    }
    fields.texts(field, LONGEST_NAME); // notes what is none, or too long
    Map<String, Name> names = new LinkedHashMap<>();
    JsonNode elements = Objects.requireNonNull(fields.node(field));
    for (int i = 0; elements.isArray() && i < elements.size(); i++) {
      JsonNode element = elements.get(i);
      String text = element.isString() ? element.stringValue() : null;
      if (text != null && text.length() <= LONGEST_NAME && !names.containsKey(text)) {
        names.put(text, new Name(text, fields.pointer(field) + "/" + i));
      }
    }
    if (names.size() > most) {
      fields.problem(
          field, "has " + names.size() + " different names; at most " + most + " are allowed");
      return List.of();
    }
    return List.copyOf(names.values());
  }

  /** Longest name of anything, with its participant in front. */
  int LONGEST_NAME = 200;

  /** Most participants, and most regions, of one target. */
  int MOST_NAMES = 1_000;

  /** Most servers that one target names. */
  int MOST_SERVERS = 10_000;
}
