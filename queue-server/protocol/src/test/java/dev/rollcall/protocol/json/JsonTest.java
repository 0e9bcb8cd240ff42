// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{}{}",
        "{\"a\":1,\"a\":2}",
        "nul",
        "{'a':1}",
        "{\"a\":1e99999999999999999999999999999999999999999}"
      })
  void what_is_no_single_document_is_refused_without_a_stack_of_internals(String text) {
    assertThatExceptionOfType(InvalidDocumentException.class)
        .isThrownBy(() -> Json.parse(text.getBytes(UTF_8)))
        .satisfies(e -> assertThat(e.problems()).hasSize(1))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("Exception"));
  }

  @Test
  void deep_nesting_is_refused() {
    byte[] deep = ("[".repeat(100_000) + "]".repeat(100_000)).getBytes(UTF_8);
    assertThatExceptionOfType(InvalidDocumentException.class).isThrownBy(() -> Json.parse(deep));
  }

  @Test
  void bytes_that_are_not_utf8_are_refused() {
    assertThatExceptionOfType(InvalidDocumentException.class)
        .isThrownBy(() -> Json.parse(new byte[] {'"', (byte) 0xc3, (byte) 0x28, '"'}));
  }

  @Test
  void each_wrong_field_is_reported_with_its_value_and_what_is_allowed() {
    var problems = new Problems();
    Fields fields =
        Fields.of(
            Json.parse(
                """
                {"text": 7, "long": "abcdef", "word": "blue", "number": 70, "float": 1.5,
                 "flag": "yes", "time": "tomorrow", "list": {}, "texts": ["a", 1, null], "odd": 1}
                """
                    .getBytes(UTF_8)),
            "/body",
            problems);

    fields.text("text", 5);
    fields.text("long", 5);
    fields.word("word", List.of("red", "green"));
    fields.integer("number", 0, 60);
    fields.integer("float", 0, 60);
    fields.bool("flag");
    fields.instant("time");
    fields.objects("list");
    assertThat(fields.texts("texts", 5)).containsExactly("a");
    fields.require("absent");
    fields.done();

    assertThat(problems.list())
        .containsExactly(
            new Problem("/body/text", "is the number 7; a string is needed"),
            new Problem("/body/long", "has 6 characters; at most 5 are allowed"),
            new Problem("/body/word", "is \"blue\"; allowed: red, green"),
            new Problem("/body/number", "is 70; allowed: 0 to 60"),
            new Problem("/body/float", "is the number 1.5; a whole number from 0 to 60 is needed"),
            new Problem("/body/flag", "is the string \"yes\"; true or false is needed"),
            new Problem(
                "/body/time", "is \"tomorrow\"; a time like 2026-01-31T22:00:00Z is needed"),
            new Problem("/body/list", "is an object; an array is needed"),
            new Problem("/body/texts/1", "is the number 1; a string is needed"),
            new Problem("/body/texts/2", "is null; a string is needed"),
            new Problem("/body/absent", "is missing"),
            new Problem(
                "/body/odd",
                "is unknown here; known: absent, flag, float, list, long, number, text, texts,"
                    + " time, word"));
  }

  @Test
  void a_huge_number_is_out_of_range_and_not_wrapped() {
    var problems = new Problems();
    Fields fields =
        Fields.of(Json.parse("{\"n\": 18446744073709551617}".getBytes(UTF_8)), "", problems);

    assertThat(fields.whole("n", 0, Long.MAX_VALUE)).isNull();
    assertThat(problems.list()).extracting(Problem::pointer).containsExactly("/n");
  }
}
