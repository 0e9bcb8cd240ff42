// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.fuzz;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What the server says that it takes. Immutable. */
final class Description {
  private final JsonNode document;

  private Description(JsonNode document) {
    this.document = document;
  }

  static Description of(String yaml) {
    return new Description(YAMLMapper.shared().readTree(yaml));
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /**
   * One operation.
   *
   * @param parameters of path, query and headers
   * @param body its schema; null: it takes none
   */
  record Operation(String method, String path, List<JsonNode> parameters, @Nullable JsonNode body) {
    Operation {
      parameters = List.copyOf(parameters);
    }

    String name() {
      return method + " " + path;
    }
  }

  List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> entry : path.getValue().properties()) {
        List<JsonNode> parameters = new ArrayList<>();
        entry.getValue().path("parameters").forEach(p -> parameters.add(resolved(p)));
        JsonNode body =
            entry.getValue().path("requestBody").path("content").path("application/json");
        operations.add(
            new Operation(
                entry.getKey().toUpperCase(Locale.ROOT),
                path.getKey(),
                parameters,
                body.isMissingNode() ? null : body.path("schema")));
      }
    }
    return operations;
  }

  /** A schema that anything fits. */
  JsonNode any() {
    return document.path("none");
  }

  /** The thing itself where a reference stands. */
  JsonNode resolved(JsonNode schema) {
    JsonNode found = schema;
    while (found.has("$ref")) {
      found = document.at(found.path("$ref").asString().substring(1));
    }
    return found;
  }
}
