// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lays what was given outside the file over what stands in it, and remembers which name each value
 * was given by, so that a problem can be reported under the name the operator used. Confined to one
 * reading.
 */
final class Overlay {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final ObjectNode document;
  private final Map<String, String> names = new HashMap<>();

  Overlay(ObjectNode document) {
    this.document = document;
  }

  ObjectNode document() {
    return document;
  }

  void set(Setting setting, String value, String givenAs) {
    List<String> levels = setting.levels();
    ObjectNode at = document;
    for (String level : levels.subList(0, levels.size() - 1)) {
      at = at.get(level) instanceof ObjectNode below ? below : at.putObject(level);
    }
    at.set(levels.getLast(), node(setting.kind, value));
    names.put("/" + String.join("/", levels), givenAs);
  }

  /** The name by which the value at this JSON pointer was given. */
  String name(String pointer) {
    for (String at = pointer; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
      String given = names.get(at);
      if (given != null) {
        return given + pointer.substring(at.length());
      }
    }
    return pointer.isEmpty()
        ? "the file"
        : pointer.substring(1).replace("/", ".").replace("~1", "/").replace("~0", "~");
  }

  /** What cannot be read as its kind stays a text, for the reader to complain about. */
  private static JsonNode node(Setting.Kind kind, String value) {
    return switch (kind) {
      case TEXT -> NODES.stringNode(value);
      case NUMBER ->
          value.matches("-?[0-9]{1,18}")
              ? NODES.numberNode(Long.parseLong(value))
              : NODES.stringNode(value);
      case BOOLEAN ->
          value.equals("true") || value.equals("false")
              ? NODES.booleanNode(value.equals("true"))
              : NODES.stringNode(value);
      case MAP -> map(value);
    };
  }

  private static JsonNode map(String value) {
    ObjectNode map = NODES.objectNode();
    for (String entry : value.split(",", -1)) {
      int equals = entry.indexOf('=');
      if (equals < 0) {
        return NODES.stringNode(value);
      }
      map.put(entry.substring(0, equals).strip(), entry.substring(equals + 1).strip());
    }
    return map;
  }
}
