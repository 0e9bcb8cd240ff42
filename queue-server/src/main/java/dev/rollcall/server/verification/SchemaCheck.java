// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.verification;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.ValidationLimitExceededException;
import com.networknt.schema.ValidationLimitExceededException.LimitKind;
import com.networknt.schema.path.PathType;
import dev.rollcall.protocol.json.Problem;
import dev.rollcall.protocol.json.Problems;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A JSON Schema (draft 2020-12) that an operator handed in. It refers to nothing outside itself,
 * its patterns run on a linear-time engine, and what a document may cost is bounded. Thread-safe.
 */
final class SchemaCheck {
  static final int MAX_BYTES = 64 << 10;

  /** Longest pattern in a schema, in characters. */
  static final int MAX_PATTERN = 1_000;

  /**
   * What one document may cost: references that branch cost more with each level, and soon more
   * than anybody has time for. Steps are schemas and keywords that are applied to a value.
   */
  private static final ExecutionConfig LIMITS =
      ExecutionConfig.builder().maxEvaluationSteps(500_000).maxEvaluationDepth(500).build();

  private static final Logger LOG = LoggerFactory.getLogger(SchemaCheck.class);

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
                          .regularExpressionFactory(regex -> PatternBudget.find(regex))
                          .build()));

  private static final String TOO_LONG =
      "cannot be checked: it takes too long to hold it against the operation's schema";
  private static final String TOO_DEEP = "cannot be checked: the operation's schema leads too deep";

  private static final String DRAFT = "https://json-schema.org/draft/2020-12/schema";

  /** The draft's schema of schemas, which the library brings along. */
  private static final Schema META =
      SchemaRegistry.withDefaultDialect(
              SpecificationVersion.DRAFT_2020_12,
              builder ->
                  builder
                      .schemaLoader(loader -> loader.fetchRemoteResources(false))
                      .schemaRegistryConfig(
                          SchemaRegistryConfig.builder()
                              .pathType(PathType.JSON_POINTER)
                              .locale(Locale.ROOT)
                              .build()))
          .getSchema(SchemaLocation.of(DRAFT));

  private final Schema schema;

  private SchemaCheck(Schema schema) {
    this.schema = schema;
  }

  /** One that was found to be a schema before; if it cannot be used all the same, refuses all. */
  static SchemaCheck of(JsonNode schema) {
    try {
      return load(schema);
    } catch (SchemaException | com.google.re2j.PatternSyntaxException e) {
      LOG.error("a stored operation's schema cannot be used: {}", firstLine(e));
      return new SchemaCheck(SCHEMAS.getSchema("false"));
    }
  }

  /** With all that it refers to, so that nothing is left to fail when it is used. */
  private static SchemaCheck load(JsonNode schema) {
    Schema loaded = SCHEMAS.getSchema(schema);
    loaded.initializeValidators();
    return new SchemaCheck(loaded);
  }

  /** Notes what is wrong with a schema itself; it can be used only if nothing was. */
  static void verify(JsonNode schema, String pointer, Problems problems) {
    int before = problems.count();
    if (!schema.isObject()) {
      problems.add(pointer, "must be an object: a JSON Schema");
      return;
    }
    refuseReferences(schema, pointer, problems);
    holdAgainstDraft(schema, pointer, problems);
    if (problems.count() > before) {
      return; // of a pattern that it cannot compile the library writes into the log
    }
    try {
      load(schema).validate(JsonNodeFactory.instance.objectNode());
    } catch (ValidationLimitExceededException e) {
      boolean depth = e.getLimitKind() == LimitKind.EVALUATION_DEPTH;
      problems.add(pointer, depth ? "refers to itself without end" : "takes too long to check");
    } catch (SchemaException | com.google.re2j.PatternSyntaxException e) {
      problems.add(pointer, "is no JSON Schema: " + firstLine(e));
    } catch (StackOverflowError e) {
      problems.add(pointer, "refers to itself without end");
    }
  }

  /**
   * Of each place one problem, the first: where one of several forms is allowed the draft has one
   * for each. And the innermost, as it has one for the list around it too.
   */
  private static void holdAgainstDraft(JsonNode schema, String pointer, Problems problems) {
    Map<String, String> found = new LinkedHashMap<>();
    for (Error error : META.validate(schema)) {
      found.putIfAbsent(error.getInstanceLocation().toString(), error.getMessage());
    }
    found.forEach((at, message) -> {
      if (found.keySet().stream().noneMatch(other -> other.startsWith(at + "/"))) {
        problems.add(pointer + at, message);
      }
    });
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
      } else if (name.equals("$schema") && value.isString() && !isDraft(value)) {
        problems.add(at, "is " + Problems.shown(value.stringValue()) + "; allowed: " + DRAFT);
      } else if (name.equals("$id")) {
        problems.add(at, "is not allowed");
      } else if (name.equals("pattern") && value.isString()) {
        checkPattern(value.stringValue(), at, problems);
      } else if (name.equals("patternProperties") && value.isObject()) {
        value.propertyNames().forEach(each -> checkPattern(each, at, problems));
        refuseReferences(value, at, problems);
      } else {
        refuseReferences(value, at, problems);
      }
    }
  }

  private static boolean isDraft(JsonNode value) {
    return DRAFT.equals(value.stringValue());
  }

  private static void checkPattern(String pattern, String at, Problems problems) {
    if (pattern.length() > MAX_PATTERN) {
      problems.add(
          at, "has " + pattern.length() + " characters; at most " + MAX_PATTERN + " are allowed");
      return;
    }
    try {
      PatternBudget.find(pattern);
    } catch (com.google.re2j.PatternSyntaxException e) {
      problems.add(at, "is no pattern that runs in linear time: " + e.getDescription());
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** What is wrong with a document, each with its pointer below {@code pointer}. */
  List<Problem> check(JsonNode document, String pointer) {
    try {
      Optional<List<Error>> found = validate(document);
      return found.isEmpty()
          ? List.of(new Problem(pointer, TOO_LONG))
          : found.get().stream().map(error -> problem(error, pointer)).toList();
    } catch (ValidationLimitExceededException e) {
      boolean depth = e.getLimitKind() == LimitKind.EVALUATION_DEPTH;
      return List.of(new Problem(pointer, depth ? TOO_DEEP : TOO_LONG));
    } catch (StackOverflowError e) { // a very deep document
      return List.of(new Problem(pointer, TOO_DEEP));
    }
  }

  private Optional<List<Error>> validate(JsonNode document) {
    return PatternBudget.spending(
        () -> schema.validate(document, context -> context.setExecutionConfig(LIMITS)));
  }

  private static Problem problem(Error error, String pointer) {
    return new Problem(pointer + error.getInstanceLocation(), error.getMessage());
  }
}
