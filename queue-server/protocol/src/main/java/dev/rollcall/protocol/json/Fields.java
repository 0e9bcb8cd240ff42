// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.json;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads the fields of one JSON object and notes what is wrong with each. A getter answers null (or
 * its default) for a field that is absent, JSON null or wrong; whether anything was wrong is in the
 * {@link Problems}. {@link #done} reports the fields that nobody asked for.
 *
 * <p>Confined to one thread.
 */
public final class Fields {
  private final @Nullable JsonNode object;
  private final String pointer;
  private final Problems problems;
  private final Set<String> asked = new HashSet<>();

  private Fields(@Nullable JsonNode object, String pointer, Problems problems) {
    this.object = object;
    this.pointer = pointer;
    this.problems = problems;
  }

  /** Reads {@code node}, which stands at {@code pointer}; a problem is noted if it is no object. */
  public static Fields of(JsonNode node, String pointer, Problems problems) {
    if (!node.isObject()) {
      problems.add(pointer, "is " + kind(node) + "; an object is needed");
      return new Fields(null, pointer, problems);
    }
    return new Fields(node, pointer, problems);
  }

  public String pointer(String name) {
    return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
  }

  /** The field as it stands, or null when it is absent or JSON null. */
  public @Nullable JsonNode node(String name) {
    asked.add(name);
    JsonNode node = object == null ? null : object.get(name);
    return node == null || node.isNull() ? null : node;
  }

  public boolean has(String name) {
    return node(name) != null;
  }

  /** False when the node given was no object, so that nothing can be missing from it. */
  public boolean isObject() {
    return object != null;
  }

  /** Notes a problem if the field is absent. */
  public void require(String name) {
    if (object != null && node(name) == null) {
      problems.add(pointer(name), "is missing");
    }
  }

  public @Nullable String text(String name, int maxLength) {
    JsonNode node = node(name);
    if (node == null) {
      return null;
    }
    if (!node.isString()) {
      wrong(name, node, "a string");
      return null;
    }
    String value = node.stringValue();
    if (value.length() > maxLength) {
      problems.add(
          pointer(name),
          "has " + value.length() + " characters; at most " + maxLength + " are allowed");
      return null;
    }
    return value;
  }

  public @Nullable String requiredText(String name, int maxLength) {
    require(name);
    return text(name, maxLength);
  }

  /** One of a closed set of words. */
  public @Nullable String word(String name, Collection<String> allowed) {
    String value = text(name, 1_000);
    if (value != null && !allowed.contains(value)) {
      problems.add(
          pointer(name),
          "is " + Problems.shown(value) + "; allowed: " + String.join(", ", allowed));
      return null;
    }
    return value;
  }

  public @Nullable Integer integer(String name, int min, int max) {
    Long value = whole(name, min, max);
    return value == null ? null : value.intValue();
  }

  public @Nullable Long whole(String name, long min, long max) {
    JsonNode node = node(name);
    if (node == null) {
      return null;
    }
    if (!node.isIntegralNumber()) {
      wrong(name, node, "a whole number from " + min + " to " + max);
      return null;
    }
    if (!node.canConvertToLong() || node.longValue() < min || node.longValue() > max) {
      problems.add(
          pointer(name), "is " + clip(node.asString()) + "; allowed: " + min + " to " + max);
      return null;
    }
    return node.longValue();
  }

  public @Nullable Boolean bool(String name) {
    JsonNode node = node(name);
    if (node == null) {
      return null;
    }
    if (!node.isBoolean()) {
      wrong(name, node, "true or false");
      return null;
    }
    return node.booleanValue();
  }

  /** RFC 3339 with any offset. */
  public @Nullable Instant instant(String name) {
    String value = text(name, 64);
    if (value == null) {
      return null;
    }
    try {
      return OffsetDateTime.parse(value).toInstant();
    } catch (DateTimeException e) {
      problems.add(
          pointer(name),
          "is " + Problems.shown(value) + "; a time like 2026-01-31T22:00:00Z is needed");
      return null;
    }
  }

  public @Nullable Fields object(String name) {
    JsonNode node = node(name);
    return node == null ? null : of(node, pointer(name), problems);
  }

  /** The elements of an array of objects; empty when the field is absent. */
  public List<Fields> objects(String name) {
    List<Fields> out = new ArrayList<>();
    List<JsonNode> elements = elements(name);
    for (int i = 0; i < elements.size(); i++) {
      out.add(of(elements.get(i), pointer(name) + "/" + i, problems));
    }
    return out;
  }

  /**
   * The elements of an array of strings; empty when the field is absent. Wrong ones are left out.
   */
  public List<String> texts(String name, int maxLength) {
    List<String> out = new ArrayList<>();
    List<JsonNode> elements = elements(name);
    for (int i = 0; i < elements.size() && !problems.isFull(); i++) {
      JsonNode element = elements.get(i);
      String at = pointer(name) + "/" + i;
      if (!element.isString()) {
        problems.add(at, "is " + kind(element) + "; a string is needed");
      } else if (element.stringValue().length() > maxLength) {
        problems.add(
            at,
            "has "
                + element.stringValue().length()
                + " characters; at most "
                + maxLength
                + " are allowed");
      } else {
        out.add(element.stringValue());
      }
    }
    return out;
  }

  /** The elements of an array as they stand; empty when the field is absent or no array. */
  public List<JsonNode> elements(String name) {
    JsonNode node = node(name);
    if (node == null) {
      return List.of();
    }
    if (!node.isArray()) {
      wrong(name, node, "an array");
      return List.of();
    }
    List<JsonNode> out = new ArrayList<>();
    node.forEach(out::add);
    return out;
  }

  public void problem(String name, String message) {
    problems.add(pointer(name), message);
  }

  public void problem(String message) {
    problems.add(pointer, message);
  }

  /** Notes each field that no getter was called for: an unknown one, or a misspelt one. */
  public void done() {
    if (object != null) {
      for (String name : object.propertyNames()) {
        if (problems.isFull()) {
          return;
        }
        if (!asked.contains(name)) {
          problems.add(
              pointer(clip(name)),
              "is unknown here" + (asked.isEmpty() ? "" : "; known: " + known()));
        }
      }
    }
  }

  private String known() {
    return String.join(", ", asked.stream().sorted().toList());
  }

  private void wrong(String name, JsonNode node, String needed) {
    problems.add(pointer(name), "is " + kind(node) + "; " + needed + " is needed");
  }

  private static String clip(String text) {
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }

  /** What a node is, in words, with its value where that is short. */
  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case STRING -> "the string " + Problems.shown(node.stringValue());
      case NUMBER -> "the number " + clip(node.asString());
      case BOOLEAN -> node.booleanValue() ? "true" : "false";
      case NULL -> "null";
      case BINARY, MISSING, POJO -> "not a JSON value";
    };
  }
}
