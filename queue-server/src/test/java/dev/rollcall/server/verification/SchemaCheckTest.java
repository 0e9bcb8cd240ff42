// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.json.InvalidDocumentException;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problem;
import dev.rollcall.protocol.json.Problems;
import dev.rollcall.server.LogCapture;
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
          {"$schema": "http://json-schema.org/draft-07/schema#"} | /$schema         | 2020-12
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
}
