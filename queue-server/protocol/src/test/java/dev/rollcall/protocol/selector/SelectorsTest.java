// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.json.Fields;
import dev.rollcall.protocol.json.Json;
import dev.rollcall.protocol.json.Problem;
import dev.rollcall.protocol.json.Problems;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SelectorsTest {
  @Test
  void all_kinds_are_read_and_written_in_normal_form() {
    Selectors selectors =
        read(
            """
            {"urls": ["HTTPS://WWW.acme.example/a/../b"], "prefixes": ["http://img.acme.example/x/"],
             "patterns": ["/a/*", {"pattern": "/B/*"}], "regexes": ["^/c"], "tags": ["t1"],
             "everything": true}
            """);

    assertThat(selectors.toJson())
        .hasToString(
            """
            {"urls":["https://www.acme.example/b"],"prefixes":["http://img.acme.example/x/"],\
            "patterns":["/a/*",{"pattern":"/B/*","caseSensitive":false,"matchQueryString":false}],\
            "regexes":["^/c"],"tags":["t1"],"everything":true}\
            """);
    assertThat(read(selectors.toJson().toString())).isEqualTo(selectors);
    assertThat(selectors.hosts())
        .containsExactly(new HostName("img.acme.example"), new HostName("www.acme.example"));
  }

  @Test
  void every_problem_is_named_by_its_pointer() {
    assertThat(
            problems(
                """
                {"urls": ["https://a.example/b", "nonsense", 7], "prefixes": [], "patterns": [{}],
                 "regexes": ["(a+)+"], "tags": ["a b"], "everything": false, "url": "x"}
                """))
        .extracting(Problem::pointer)
        .containsExactlyInAnyOrder(
            "/urls/1",
            "/urls/2",
            "/prefixes",
            "/patterns/0/pattern",
            "/regexes/0",
            "/tags/0",
            "/everything",
            "/url");
  }

  @Test
  void nothing_selected_is_a_problem() {
    assertThat(problems("{}")).extracting(Problem::pointer).containsExactly("");
    assertThat(problems("[]")).extracting(Problem::pointer).containsExactly("");
  }

  @Test
  void selectors_that_each_cost_a_pass_over_the_cache_are_bounded() {
    String many = "\"/a*\",".repeat(201);
    assertThat(problems("{\"patterns\": [" + many.substring(0, many.length() - 1) + "]}"))
        .extracting(Problem::message)
        .singleElement()
        .asString()
        .contains("201")
        .contains("at most 200");
  }

  @Test
  void too_many_of_them_are_counted_and_none_is_compiled() {
    String broken = "\"(a+)+\",".repeat(201);
    assertThat(problems("{\"regexes\": [" + broken.substring(0, broken.length() - 1) + "]}"))
        .extracting(Problem::pointer)
        .containsExactly("");
  }

  private static Selectors read(String json) {
    var problems = new Problems();
    var selectors = Selectors.read(fields(json, problems), problems);
    problems.throwIfAny();
    return selectors;
  }

  private static List<Problem> problems(String json) {
    var problems = new Problems();
    Fields fields = fields(json, problems);
    Selectors.read(fields, problems);
    fields.done();
    return problems.list();
  }

  private static Fields fields(String json, Problems problems) {
    return Fields.of(Json.parse(json.getBytes(UTF_8)), "", problems);
  }
}
