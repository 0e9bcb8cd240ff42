// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.verification;

import com.google.re2j.Pattern;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.PathType;
import dev.rollcall.protocol.json.Problem;
import dev.rollcall.protocol.json.Problems;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * A JSON Schema (draft 2020-12) that an operator handed in. It refers to nothing outside itself,
 * and its patterns run on a linear-time engine. Thread-safe.
 */
final class SchemaCheck {
  static final int MAX_BYTES = 64 << 10;

  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          builder ->
              builder
                  .schemaLoader(loader -> loader.fetchRemoteResources(false).allow(iri -> false))
                  .schemaRegistryConfig(
                      SchemaRegistryConfig.builder()
                          .pathType(PathType.JSON_POINTER)
                          .locale(Locale.ROOT)
                          .cacheRefs(false)
                          .regularExpressionFactory(regex -> {
                            Pattern compiled = Pattern.compile(regex);
                            return value -> compiled.matcher(value).find();
                          })
                          .build()));

  private final Schema schema;

  private SchemaCheck(Schema schema) {
    this.schema = schema;
  }

  /** Notes what is wrong with a schema itself; it can be used only if nothing was. */
  static SchemaCheck of(JsonNode schema, String pointer, Problems problems) {
    if (!schema.isObject()) {
      problems.add(pointer, "must be an object: a JSON Schema");
    }
    refuseReferences(schema, pointer, problems);
    try {
      return new SchemaCheck(SCHEMAS.getSchema(schema));
    } catch (SchemaException | com.google.re2j.PatternSyntaxException e) {
      problems.add(pointer, "is no JSON Schema: " + firstLine(e));
      return new SchemaCheck(SCHEMAS.getSchema("false"));
    }
  }

  private static void refuseReferences(JsonNode node, String pointer, Problems problems) {
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        refuseReferences(node.get(i), pointer + "/" + i, problems);
      }
    }
    for (String name : node.isObject() ? node.propertyNames() : List.<String>of()) {
      JsonNode value = node.get(name);
      String at = pointer + "/" + name;
      boolean reference = name.equals("$ref") || name.equals("$dynamicRef");
      if (reference && value.isString() && !value.stringValue().startsWith("#")) {
        problems.add(at, "refers to something outside of the schema; only #… is allowed");
      } else if (name.equals("$id")) {
        problems.add(at, "is not allowed");
      } else if (name.equals("pattern") && value.isString()) {
        checkPattern(value.stringValue(), at, problems);
      } else {
        refuseReferences(value, at, problems);
      }
    }
  }

  private static void checkPattern(String pattern, String at, Problems problems) {
    try {
      Pattern.compile(pattern);
    } catch (com.google.re2j.PatternSyntaxException e) {
      problems.add(at, "is no pattern that runs in linear time: " + e.getDescription());
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** What is wrong with a document, each with its pointer below {@code pointer}. */
  List<Problem> check(JsonNode document, String pointer) {
    return schema.validate(document).stream().map(error -> problem(error, pointer)).toList();
  }

  private static Problem problem(Error error, String pointer) {
    return new Problem(pointer + error.getInstanceLocation(), error.getMessage());
  }
}
