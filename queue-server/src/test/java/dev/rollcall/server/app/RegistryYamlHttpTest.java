// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A manifest in YAML is of the core schema, and everything stands where it is read. */
final class RegistryYamlHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  @BeforeEach
  void begin() {
    Federation.fresh(server);
  }

  private static Api.Answer apply(String yaml) {
    return server.operator().putYaml("/v1/registry", yaml);
  }

  private static Stream<Arguments> rows(String what, String... manifests) {
    return Arrays.stream(manifests).map(yaml -> Arguments.of(what, yaml));
  }

  static Stream<Arguments> anchors() {
    return rows(
        "an anchor",
        "participants: [{name: &n zeta, delivery: poll}]",
        "participants: [{&k name: zeta, delivery: poll}]",
        "participants: &list [{name: zeta, delivery: poll}]",
        "participants: [&one {name: zeta, delivery: poll}]",
        "&k participants: [{name: zeta, delivery: poll}]",
        "&d {participants: []}",
        "participants: [{name: zeta, delivery: poll, servers: [&s {name: a}]}]",
        "participants: [{name: zeta, delivery: poll, servers: [{&s name: a}]}]",
        "participants: [{name: zeta, delivery: poll, servers: [{name: a, labels: {x: &v y}}]}]");
  }

  static Stream<Arguments> aliases() {
    return rows(
        "an alias",
        "participants: [{name: zeta, delivery: poll, servers: [{name: &n a}, {name: *n}]}]",
        "participants: [*none]",
        "participants: *none",
        "*none : []",
        "participants: [{name: zeta, delivery: poll, servers: [{name: &n a, *n : b}]}]",
        "participants: [{<<: *none, name: zeta, delivery: poll}]");
  }

  static Stream<Arguments> tags() {
    return rows(
        "a tag",
        "participants: [{name: !!str zeta, delivery: poll}]",
        "participants: [{!!str name: zeta, delivery: poll}]",
        "participants: !!seq [{name: zeta, delivery: poll}]",
        "participants: [!!map {name: zeta, delivery: poll}]",
        "!!str participants: [{name: zeta, delivery: poll}]",
        "participants: [{name: !x zeta, delivery: poll}]",
        "participants: [{name: ! zeta, delivery: poll}]",
        "participants: [{name: zeta, delivery: poll, servers: [{name: a, labels: !!map {x: y}}]}]",
        "participants: [!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader"
            + " [[!!java.net.URL [\"http://127.0.0.1/\"]]]]]",
        "%TAG ! tag:example.com,2000:\n---\nparticipants: [{name: !x zeta, delivery: poll}]");
  }

  static Stream<Arguments> moreThanOneDocument() {
    return rows(
        "a second document",
        "participants: []\n---\nparticipants: []\n",
        "---\nparticipants: []\n...\n---\n{}\n",
        "participants: []\n---\n");
  }

  static Stream<Arguments> noSoundYaml() {
    return rows(
        "no sound YAML",
        "",
        "---\n",
        "# nothing\n",
        "participants: []\nparticipants: []\n",
        "participants: [{name: zeta, name: eta, delivery: poll}]",
        "participants: [{name: zeta, delivery: poll, servers: [{name: a, name: b}]}]",
        "participants: [{name: zeta, delivery: poll, servers: [{name: a, labels: {x: y, x: z}}]}]",
        "participants: [{name: zeta, delivery: poll",
        "participants: [\t{name: zeta}",
        "? [a]\n: b",
        "? {a: b}\n: c",
        "\u0000",
        "participants: \"\\ud800\"",
        "participants: []\n\u0007");
  }

  @ParameterizedTest(name = "{0}, {index}")
  @MethodSource({"anchors", "aliases", "tags", "moreThanOneDocument", "noSoundYaml"})
  void only_one_sound_document_of_plain_values_is_read(String what, String yaml) {
    apply(yaml).problem(400, "invalid");
  }

  /** YAML 1.1 would read these as booleans and numbers. */
  @Test
  void words_are_words_as_in_the_core_schema() {
    apply(
            """
            participants:
              - name: on
                delivery: poll
                customers: [{name: yes}, {name: no}, {name: off}]
                servers: [{name: y, labels: {a: on, b: 12:30.5, c: 1_000}}]
            """)
        .invalidAt("/participants/0/servers/0/labels/b");
    apply(
            """
            participants:
              - name: on
                delivery: poll
                customers: [{name: yes}, {name: no}, {name: off}]
                servers: [{name: y, labels: {a: on, c: 1_000}}]
            """)
        .status(200);
    assertThat(server.operator().get("/v1/registry").text())
        .contains("\"name\":\"on\"", "\"name\":\"yes\"", "\"a\":\"on\"", "\"c\":\"1_000\"");
  }

  @Test
  void numbers_booleans_and_nulls_are_no_words() {
    apply(
            """
            participants:
              - name: 7
                delivery: poll
                customers: [{name: true}, {name: null}, {name: 1e3}]
                servers: [{name: a, labels: {x: 1.10}}]
            """)
        .invalidAt(
            "/participants/0/name",
            "/participants/0/customers/0/name",
            "/participants/0/customers/1/name",
            "/participants/0/customers/2/name",
            "/participants/0/servers/0/labels/x");
  }

  @Test
  void block_style_comments_and_a_document_marker_are_fine() {
    apply(
            """
            %YAML 1.2
            ---
            # the federation
            participants:
            - name: "zeta"   # quoted
              delivery: 'poll'
              servers:
              - name: >-
                  a
            ...
            """)
        .status(200);
  }

  @Test
  void an_error_says_where_it_stands() {
    Api.Answer answer = apply("participants:\n  - name: [\n");

    answer.problem(400, "invalid");
    assertThat(answer.messageAt("")).contains("line");
  }

  @Test
  void deep_nesting_is_refused_and_hurts_nobody() {
    String deep = "participants: " + "[".repeat(100_000);
    apply(deep).problem(400, "invalid");
    apply("x: " + "{a: ".repeat(100_000)).problem(400, "invalid");
    apply("participants: [{name: zeta, delivery: poll, servers: " + "[".repeat(5_000))
        .problem(400, "invalid");
    server.operator().put("/v1/registry", "[".repeat(100_000)).problem(400, "invalid");
    server
        .operator()
        .put("/v1/registry", "{\"participants\": [{\"servers\": " + "[".repeat(50_000))
        .problem(400, "invalid");
  }
}
