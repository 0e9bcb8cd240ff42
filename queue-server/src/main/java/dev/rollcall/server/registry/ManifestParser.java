// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import dev.rollcall.protocol.json.InvalidDocumentException;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problem;
import dev.rollcall.protocol.json.Problems;
import java.io.CharConversionException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLFactory;

/**
 * Reads a manifest from a stream, element by element, so that a large one is never held as text.
 */
final class ManifestParser {
  private static final int MAX_YAML_CHARACTERS = 300 << 20;

  /** What its messages say to programmers only: where its own setting is, and the input's class. */
  private static final Pattern OF_JACKSON =
      Pattern.compile(", from `[^`]*`| *(at|\\(at)? *\\[Source: .*");

  private static final YAMLFactory YAML =
      new PlainYaml(
          YAMLFactory.builder()
              .loadSettings(
                  LoadSettings.builder()
                      .setCodePointLimit(MAX_YAML_CHARACTERS)
                      .setAllowDuplicateKeys(false)
                      .build())
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION));

  /** For elements inside of a document: more is to follow. */
  private static final ObjectReader TREES =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build().reader();

  private final Problems problems;
  private final ManifestReader reader;
  private final List<Manifest.Entry> entries = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  private ManifestParser(Problems problems) {
    this.problems = problems;
    this.reader = new ManifestReader(problems);
  }

  /**
   * What could be read; what could not is noted.
   *
   * @throws InvalidDocumentException where it stops being readable at all
   */
  static Manifest parse(InputStream in, boolean yaml, Problems problems) {
    var parser = new ManifestParser(problems);
    try (JsonParser json =
        yaml ? YAML.createParser(ObjectReadContext.empty(), in) : Json.MAPPER.createParser(in)) {
      parser.document(json);
    } catch (JacksonException e) {
      throw new InvalidDocumentException(List.of(new Problem("", unreadable(e))));
    }
    return new Manifest(parser.entries);
  }

  private static String unreadable(JacksonException e) {
    if (e.getCause() instanceof MarkedYamlEngineException yaml) {
      return unreadable(yaml, e);
    }
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof CharConversionException) {
        return "cannot be read: it is not UTF-8";
      }
    }
    TokenStreamLocation at = e.getLocation();
    return at == null || at.getLineNr() < 1
        ? unreadable("", e.getOriginalMessage())
        : unreadable(at(at.getLineNr(), at.getColumnNr()), e.getOriginalMessage());
  }

  /** The context, which its message begins with, is where the thing began that has the problem. */
  private static String unreadable(MarkedYamlEngineException yaml, JacksonException e) {
    String problem = yaml.getProblem() == null ? e.getOriginalMessage() : yaml.getProblem();
    return unreadable(
        yaml.getProblemMark().map(mark -> at(mark.getLine() + 1, mark.getColumn() + 1)).orElse(""),
        problem);
  }

  private static String at(int line, int column) {
    return " (line " + line + ", column " + column + ")";
  }

  private static String unreadable(String at, @Nullable String reason) {
    String first = String.valueOf(reason).lines().findFirst().orElse("");
    String plain = OF_JACKSON.matcher(first).replaceAll("");
    return "cannot be read"
        + at
        + ": "
        + (plain.length() > 200 ? plain.substring(0, 200) + "…" : plain);
  }

  private void document(JsonParser json) {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      problems.add("", "must be an object with the field participants");
      return;
    }
    boolean found = false;
    for (String field = json.nextName(); field != null; field = json.nextName()) {
      json.nextToken();
      if (field.equals("participants")) {
        found = true;
        participants(json);
      } else {
        problems.add(
            "/" + field.replace("~", "~0").replace("/", "~1"),
            "is unknown here; known: participants");
        json.skipChildren();
      }
    }
    if (!found) {
      problems.add("/participants", "is missing");
    }
    if (json.nextToken() != null) {
      problems.add("", "holds more than one document");
    }
  }

  private void participants(JsonParser json) {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      problems.add("/participants", "must be an array");
      json.skipChildren();
      return;
    }
    for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
      participant(json, "/participants/" + i);
    }
  }

  private void participant(JsonParser json, String pointer) {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      problems.add(pointer, "must be an object");
      json.skipChildren();
      return;
    }
    var parts = new ManifestReader.Parts(pointer);
    ObjectNode rest = Json.MAPPER.createObjectNode();
    for (String field = json.nextName(); field != null; field = json.nextName()) {
      JsonToken token = json.nextToken();
      if (ManifestReader.LISTS.contains(field) && token == JsonToken.START_ARRAY) {
        for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
          reader.element(parts, field, i, tree(json));
        }
      } else if (ManifestReader.LISTS.contains(field) && token != JsonToken.VALUE_NULL) {
        problems.add(pointer + "/" + field, "must be an array");
        json.skipChildren();
      } else if (token != JsonToken.VALUE_NULL) {
        rest.set(field, tree(json));
      }
    }
    Manifest.Entry entry = reader.participant(parts, rest);
    if (entry != null && !names.add(entry.name())) {
      problems.add(pointer + "/name", "is \"" + entry.name() + "\", which stands here twice");
    } else if (entry != null) {
      entries.add(entry);
    }
  }

  private static JsonNode tree(JsonParser json) {
    return TREES.readTree(json);
  }
}
