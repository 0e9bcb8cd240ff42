// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.json.InvalidDocumentException;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problem;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.LogCapture;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SchemaCheckTest {
  private static List<Problem> problems(String schema) {
    var problems = new Problems();
    SchemaCheck.verify(Json.MAPPER.readTree(schema), "", problems);
    try {
      problems.throwIfAny();
      return List.of();
    } catch (InvalidDocumentException e) {
      return e.problems();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"type": "objekt"}                                 | /type                | enumeration
          {"type": ["string", "nul"]}                        | /type/1              | enumeration
          {"required": 5}                                    | /required            | array expected
          {"properties": {"a": 7}}                           | /properties/a        | expected
          {"properties": {"a": {"type": "objekt"}}}          | /properties/a/type   | enumeration
          {"minimum": "x"}                                   | /minimum             | number expected
          {"pattern": 5}                                     | /pattern             | string expected
          {"pattern": "("}                                   | /pattern             | missing closing )
          {"pattern": "(?=a)"}                               | /pattern             | linear time
          {"patternProperties": {"(": {}}}                   | /patternProperties   | missing closing )
          {"properties": {"a": {"pattern": "("}}}            | /properties/a/pattern | missing closing )
          {"pattern": "(a)\\\\1"}                            | /pattern             | linear time
          {"pattern": "((a{50}){50}){2}"}                    | /pattern             | linear time
          {"pattern": "(?:[ab]c?d?e?f?){900}"}               | /pattern             | too large
          {"$schema": "http://json-schema.org/draft-07/schema#"} | /$schema         | 2020-12
          {"$schema": "file:///etc/passwd"}                  | /$schema             | 2020-12
          {"$defs": {"a": {"$schema": "classpath:/draft-07"}}} | /$defs/a/$schema   | 2020-12
          {"$ref": "file:///etc/passwd"}                     | /$ref                | outside
          {"$ref": "classpath:/draft/2020-12/schema"}        | /$ref                | outside
          {"$ref": "resource:/application.yaml"}             | /$ref                | outside
          {"$ref": "jar:file:/x.jar!/s.json"}                | /$ref                | outside
          {"$ref": "https://json-schema.org/draft/2020-12/schema"} | /$ref          | outside
          {"$ref": "//x.example/s"}                          | /$ref                | outside
          {"$ref": "s.json#/a"}                              | /$ref                | outside
          {"$ref": ""}                                       | /$ref                | outside
          {"$dynamicRef": "http://x.example/s"}              | /$dynamicRef         | outside
          {"allOf": [{"not": {"$ref": "urn:x"}}]}            | /allOf/0/not/$ref    | outside
          {"$id": "file:///etc/"}                            | /$id                 | not allowed
          {"items": {"$id": "http://x.example/"}}            | /items/$id           | not allowed
          {"$ref": "http://x.example/s"}                     | /$ref                | outside
          {"$ref": "#/$defs/none"}                           | ''                   | cannot be resolved
          {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}} | ''         | without end
          7                                                  | ''                   | must be an object
          """)
  void what_is_no_schema_gives_one_clear_problem_and_nothing_in_the_log(
      String schema, String pointer, String message) {
    try (var log = new LogCapture()) {
      assertThat(problems(schema))
          .singleElement()
          .satisfies(problem -> {
            assertThat(problem.pointer()).isEqualTo(pointer);
            assertThat(problem.message())
                .contains(message)
                .doesNotContain("Exception", "com.", "java.");
          });
      assertThat(log.text()).isEmpty();
    }
  }

  @Test
  void a_pattern_that_is_too_long_is_told_by_its_place() {
    assertThat(problems("{\"pattern\": \"" + "a".repeat(1_001) + "\"}"))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.pointer()).isEqualTo("/pattern");
          assertThat(problem.message()).contains("1001 characters", "1000");
        });
  }

  @Test
  void each_wrong_place_is_told() {
    assertThat(problems("{\"type\": \"objekt\", \"required\": 5, \"properties\": []}"))
        .extracting(Problem::pointer)
        .containsExactlyInAnyOrder("/type", "/required", "/properties");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"type\": \"object\"}",
        "{\"type\": \"object\", \"x-own\": 1, \"required\": [\"a\"]}",
        "{\"properties\": {\"type\": {\"type\": \"string\"}, \"required\": {}, \"pattern\": {}}}",
        "{\"properties\": {\"child\": {\"$ref\": \"#\"}}}"
      })
  void what_is_a_schema_is_taken(String schema) {
    assertThat(problems(schema)).isEmpty();
  }

  @Test
  void parameters_are_held_against_it() {
    var check =
        SchemaCheck.of(
            Json.MAPPER.readTree("{\"properties\": {\"depth\": {\"type\": \"integer\"}}}"));

    assertThat(check.check(Json.MAPPER.readTree("{\"depth\": 3}"), "/parameters")).isEmpty();
    assertThat(check.check(Json.MAPPER.readTree("{\"depth\": \"x\"}"), "/parameters"))
        .extracting(Problem::pointer)
        .containsExactly("/parameters/depth");
  }

  @Test
  void a_loop_of_references_deep_inside_is_a_problem_of_the_parameters() {
    var check =
        SchemaCheck.of(
            Json.MAPPER.readTree(
                "{\"properties\": {\"a\": {\"$ref\": \"#/$defs/b\"}},"
                    + " \"$defs\": {\"b\": {\"$ref\": \"#/$defs/b\"}}}"));

    assertThat(check.check(Json.MAPPER.readTree("{\"a\": 1}"), "/parameters"))
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("too deep"));
  }

  private static String branching(String name, int levels, String leaf) {
    var out = new StringBuilder("{\"" + name + "\": {\"$ref\": \"#/$defs/l" + levels + "\"}");
    out.append(", \"$defs\": {\"l0\": ").append(leaf);
    for (int i = 1; i <= levels; i++) {
      String below = "{\"$ref\": \"#/$defs/l" + (i - 1) + "\"}";
      out.append(", \"l" + i + "\": {\"allOf\": [" + below + ", " + below + "]}");
    }
    return out.append("}}").toString();
  }

  private static void takesNoLongTime(String schema, String document) {
    assertThat(problems(schema)).isEmpty();
    var check = SchemaCheck.of(Json.MAPPER.readTree(schema));
    var given = Json.MAPPER.readTree(document);

    var log = new LogCapture();
    long start = System.nanoTime();
    List<Problem> found;
    try (log) {
      found = check.check(given, "/parameters");
    }
    var took = Duration.ofNanos(System.nanoTime() - start);

    assertThat(found)
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("takes too long"));
    assertThat(log.text()).isEmpty();
    assertThat(took).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void references_that_branch_do_not_take_for_ever() {
    takesNoLongTime(
        branching("additionalProperties", 40, "{\"type\": \"string\"}"), "{\"a\": \"x\"}");
    assertThat(problems(branching("not", 40, "{\"type\": \"object\"}")))
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("takes too long"));
  }

  @Test
  void references_that_branch_with_each_level_of_the_document_do_not_take_for_ever() {
    String self = "{\"$ref\": \"#\"}";
    takesNoLongTime(
        "{\"additionalProperties\": {\"allOf\": [" + self + ", " + self + "]}}",
        "{\"a\": ".repeat(30) + "1" + "}".repeat(30));
  }

  @Test
  void a_wide_schema_on_a_long_list_does_not_take_for_ever() {
    String all = "{\"type\": \"integer\"},".repeat(2_000) + "{}";
    takesNoLongTime(
        "{\"properties\": {\"a\": {\"items\": {\"allOf\": [" + all + "]}}}}",
        "{\"a\": [" + "1,".repeat(200_000) + "1]}");
  }

  @Test
  void large_patterns_on_a_long_text_do_not_take_for_ever() {
    takesNoLongTime(
        "{\"properties\": {\"a\": {\"pattern\": \"(?:a?){900}b\"}}}",
        "{\"a\": \"" + "a".repeat(1_000_000) + "\"}");
  }

  @Test
  void a_list_of_a_hundred_thousand_texts_is_checked() {
    var check =
        SchemaCheck.of(
            Json.MAPPER.readTree(
                """
                {"properties": {"a": {"items": {"type": "string", "pattern": "^[a-z]+$"}}}}
                """));

    assertThat(
            check.check(
                Json.MAPPER.readTree("{\"a\": [" + "\"abcdef\",".repeat(100_000) + "\"b\"]}"), ""))
        .isEmpty();
  }
}
