// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.json;

import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The two mappers of the product: one set of limits for what comes in, one format for what goes
 * out.
 */
public final class Json {
  /** Deepest nesting of objects and arrays that is read. */
  public static final int MAX_DEPTH = 32;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(40)
                  .maxNameLength(1_000)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /** Thread-safe. Reads strictly, ignores unknown properties, writes ISO dates. */
  public static final JsonMapper MAPPER =
      JsonMapper.builder(FACTORY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private Json() {}

  /**
   * Parses one whole document.
   *
   * @throws InvalidDocumentException when it is not JSON, nested deeper than {@link #MAX_DEPTH},
   *     names a field twice, or holds more than one value
   */
  public static JsonNode parse(byte[] utf8) {
    try {
      JsonNode node = MAPPER.readTree(utf8);
      if (node == null || node.isMissingNode()) {
        throw new InvalidDocumentException(
            List.of(new Problem("", "is empty; a JSON value is needed")));
      }
      return node;
    } catch (JacksonException e) {
      throw new InvalidDocumentException(
          List.of(new Problem("", "is not JSON that can be read" + at(e))));
    }
  }

  private static String at(JacksonException e) {
    TokenStreamLocation where = e.getLocation();
    String reason = e.getOriginalMessage();
    String short_ = reason == null ? "" : ": " + reason.lines().findFirst().orElse("");
    return (where == null
            ? ""
            : " (line " + where.getLineNr() + ", column " + where.getColumnNr() + ")")
        + (short_.length() > 200 ? short_.substring(0, 200) + "…" : short_);
  }
}
