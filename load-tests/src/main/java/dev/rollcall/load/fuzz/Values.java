// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import dev.rollcall.protocol.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Values that fit a schema, or nearly: at each place there is a chance that something else stands
 * there. Confined to one thread.
 */
final class Values {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int DEEPEST = 8;

  /** One of so many values is not what its schema wants. */
  private static final int ODD = 25;

  /** What strings there are to break something with. */
  static final List<String> NASTY =
      List.of(
          "",
          " ",
          "\u0000",
          "a\u0000b",
          "\ud800",
          "\ufeff",
          "\u202e",
          "'; drop table rollcall.command; --",
          "{\"a\": 1}",
          "{a,b}",
          "NULL",
          "\\",
          "%00",
          "../../etc/passwd",
          "${jndi:ldap://127.0.0.1/a}",
          "*",
          "alpha/*",
          "-1",
          "1e400",
          "infinity",
          "9999-12-31T23:59:59Z",
          "-99999-01-01T00:00:00Z",
          "https://www.one.example:99999/",
          "https://[::1]/",
          "https://user@www.one.example/",
          "(((((((((((((((((((a*)*)*)*)*)*)*)*)*)*",
          "x".repeat(5_000));

  private final SplittableRandom random;
  private final Description description;
  private final Instant start;

  /**
   * @param start around which times are
   */
  Values(SplittableRandom random, Description description, Instant start) {
    this.random = random;
    this.description = description;
    this.start = start;
  }

  boolean oneIn(int chances) {
    return random.nextInt(chances) == 0;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  <T> T oneOf(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /**
   * @param name of the field or parameter that takes it
   */
  JsonNode of(JsonNode given, String name, int depth) {
    JsonNode schema = description.resolved(given);
    if (oneIn(ODD) || depth > DEEPEST) {
      return odd(depth);
    }
    if (schema.has("const")) {
      return schema.path("const");
    }
    if (schema.has("enum")) {
      return schema.path("enum").get(random.nextInt(schema.path("enum").size()));
    }
    JsonNode type = schema.path("type");
    String kind = type.isArray() ? type.get(0).asString() : type.asString("string");
    return switch (kind) {
      case "object" -> object(schema, depth);
      case "array" -> array(schema, name, depth);
      case "integer", "number" -> number(schema);
      case "boolean" -> NODES.booleanNode(random.nextInt(2) == 0);
      default -> NODES.stringNode(text(schema, name));
    };
  }

  private JsonNode object(JsonNode schema, int depth) {
    ObjectNode object = NODES.objectNode();
    List<String> required = schema.path("required").valueStream().map(JsonNode::asString).toList();
    for (Map.Entry<String, JsonNode> field : schema.path("properties").properties()) {
      boolean wanted = required.contains(field.getKey()) ? !oneIn(ODD) : oneIn(3);
      if (wanted) {
        object.set(field.getKey(), of(field.getValue(), field.getKey(), depth + 1));
      }
    }
    if (!schema.has("properties") && oneIn(2)) {
      object.set(oneOf(Words.FIELDS), odd(depth + 1));
    }
    if (oneIn(ODD)) {
      object.set(oneOf(NASTY), odd(depth + 1));
    }
    return object;
  }

  private JsonNode array(JsonNode schema, String name, int depth) {
    ArrayNode array = NODES.arrayNode();
    int length = oneIn(200) ? 2_000 : random.nextInt(4);
    for (int i = 0; i < length; i++) {
      array.add(of(schema.path("items"), name, depth + 1));
    }
    return array;
  }

  private JsonNode number(JsonNode schema) {
    long least = schema.path("minimum").asLong(0);
    long most = schema.path("maximum").asLong(100_000);
    return switch (random.nextInt(8)) {
      case 0 -> NODES.numberNode(least);
      case 1 -> NODES.numberNode(most);
      case 2 -> NODES.numberNode(most == Long.MAX_VALUE ? most : most + 1);
      case 3 -> NODES.numberNode(least - 1);
      default -> NODES.numberNode(random.nextLong(least, Math.max(least + 1, most)));
    };
  }

  /** Often something that is there: else nothing would ever be accepted. */
  String text(JsonNode schema, String name) {
    if (oneIn(ODD)) {
      return oneOf(NASTY);
    }
    if (schema.path("format").asString("").equals("date-time")) {
      long seconds = random.nextLong(-100_000, 3_000_000);
      return start.plusSeconds(seconds).toString();
    }
    List<String> fitting = Words.BY_NAME.get(name);
    return fitting == null || oneIn(10) ? oneOf(Words.ANY) : oneOf(fitting);
  }

  private JsonNode odd(int depth) {
    return switch (random.nextInt(9)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(true);
      case 2 -> NODES.numberNode(random.nextLong());
      case 3 -> NODES.numberNode(random.nextDouble() * 1e300);
      case 4 -> NODES.arrayNode().add(NODES.nullNode());
      case 5 -> depth > DEEPEST ? NODES.objectNode() : NODES.objectNode().set("a", odd(depth + 1));
      case 6 -> NODES.stringNode(String.valueOf(random.nextLong()));
      case 7 -> Json.MAPPER.readTree("[[[[[[[[[[]]]]]]]]]]");
      default -> NODES.stringNode(oneOf(NASTY));
    };
  }
}
