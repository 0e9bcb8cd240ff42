// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.web;

import dev.rollcall.protocol.json.Problems;
import java.math.BigDecimal;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is JSON and PostgreSQL still cannot hold, or only at a price: U+0000, halves of surrogate
 * pairs, numbers that take more digits to write out than anybody has use for.
 */
public final class Storable {
  static final String RULE = "U+0000 and halves of surrogate pairs are not allowed";

  /**
   * With exponents written out, as PostgreSQL does in what it gives back. Sign and point beside
   * them, that is as long as a number may be that is read here and by pollers: one that is longer
   * could be stored, and what it is part of never be read again.
   */
  private static final int MOST_DIGITS = 38;

  private Storable() {}

  static boolean is(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  private static boolean is(BigDecimal number) {
    long before = Math.max(1, (long) number.precision() - number.scale());
    return before + Math.max(0, number.scale()) <= MOST_DIGITS;
  }

  /**
   * @throws dev.rollcall.protocol.json.InvalidDocumentException with each value that cannot be kept
   */
  static void check(JsonNode document) {
    var problems = new Problems();
    check(document, "", problems);
    problems.throwIfAny();
  }

  private static void check(JsonNode node, String pointer, Problems problems) {
    if (node.isString() && !is(node.stringValue())) {
      problems.add(pointer, "is " + Problems.shown(node.stringValue()) + "; " + RULE);
    } else if (node.isNumber() && !is(node.decimalValue())) {
      problems.add(pointer, "is a number with more than " + MOST_DIGITS + " digits, written out");
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        check(node.get(i), pointer + "/" + i, problems);
      }
    } else if (node.isObject()) {
      for (String name : node.propertyNames()) {
        String at = pointer + "/" + name.replace("~", "~0").replace("/", "~1");
        if (!is(name)) {
          problems.add(pointer, "has the field " + Problems.shown(name) + "; " + RULE);
        }
        check(node.get(name), at, problems);
      }
    }
  }

  /** The text with U+FFFD for each character that cannot be stored. */
  public static String clean(String text) {
    if (is(text)) {
      return text;
    }
    var out = new StringBuilder(text.length());
    text.codePoints()
        .map(c ->
            c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) ? 0xfffd : c)
        .forEach(out::appendCodePoint);
    return out.toString();
  }

  /** The document with its texts cleaned, and its numbers that are too long as texts. */
  public static JsonNode clean(JsonNode node) {
    JsonNodeFactory make = JsonNodeFactory.instance;
    if (node.isString()) {
      return make.stringNode(clean(node.stringValue()));
    }
    if (node.isNumber()) {
      return is(node.decimalValue()) ? node : make.stringNode(node.asString());
    }
    if (node.isArray()) {
      var array = make.arrayNode(node.size());
      node.forEach(element -> array.add(clean(element)));
      return array;
    }
    if (node.isObject()) {
      ObjectNode object = make.objectNode();
      node.properties()
          .forEach(field -> object.set(clean(field.getKey()), clean(field.getValue())));
      return object;
    }
    return node;
  }
}
