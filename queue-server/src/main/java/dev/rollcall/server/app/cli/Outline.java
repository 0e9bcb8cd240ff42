// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** JSON of any shape as indented lines that a person can read. */
final class Outline {
  private Outline() {}

  static List<String> lines(JsonNode node) {
    List<String> lines = new ArrayList<>();
    add(lines, "", node);
    return lines;
  }

  private static void add(List<String> lines, String indent, JsonNode node) {
    if (node.isObject()) {
      node.properties().forEach(field -> addField(lines, indent, field.getKey(), field.getValue()));
    } else if (node.isArray()) {
      node.forEach(element -> addElement(lines, indent, element));
    } else {
      lines.add(indent + scalar(node));
    }
  }

  private static void addField(List<String> lines, String indent, String name, JsonNode value) {
    String label = indent + Printable.text(name) + ":";
    if (value.isContainer() && !value.isEmpty()) {
      lines.add(label);
      add(lines, indent + "  ", value);
    } else {
      lines.add(label + " " + (value.isContainer() ? "none" : scalar(value)));
    }
  }

  /** The first line of an element carries its dash. */
  private static void addElement(List<String> lines, String indent, JsonNode element) {
    int first = lines.size();
    add(lines, indent + "  ", element);
    if (lines.size() > first) {
      lines.set(first, indent + "- " + lines.get(first).substring(indent.length() + 2));
    }
  }

  private static String scalar(JsonNode node) {
    return node.isNull() ? "none" : Printable.text(node.asString(""));
  }
}
