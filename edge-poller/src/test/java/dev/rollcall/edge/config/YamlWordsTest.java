// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that is no YAML, or more than plain YAML: what is said of it, and of which place. */
final class YamlWordsTest {
  @TempDir private Path directory;

  private String problem(String yaml) throws IOException {
    Path file = Files.writeString(directory.resolve("poller.yaml"), yaml);
    ConfigException bad =
        catchThrowableOfType(
            ConfigException.class,
            () -> ConfigReader.read(new ConfigSources(file, Map.of(), Map.of(), ZoneOffset.UTC)));
    assertThat(bad.problems()).hasSize(1);
    assertThat(bad.problems().getFirst()).startsWith(file + ": ");
    return bad.problems().getFirst().substring((file + ": ").length());
  }

  /** {@code ~} stands for a line break, {@code >} for a tab. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '§',
      value = {
        "server: x~cache:~>driver: y | line 3, column 1: a tab stands where only spaces may",
        "server: x~>state: y         | line 2, column 1: a tab stands where only spaces may",
        "server:>x                   | line 1, column 8: a tab stands where only spaces may",
        "server: a: b                | line 1, column 10: no \":\" is expected here",
        "a: 1~  b: 2                 | line 2, column 4: no \":\" is expected here",
        "server x~state: y           | line 2, column 6: no \":\" is expected here",
        "server: x~state /var~a: 5   | line 2, column 1: a name without \":\" behind it",
        "a: \"abc~state: y~b: 1      | line 1, column 4: a quote is opened and not closed",
        "a: 'abc                     | line 1, column 4: a quote is opened and not closed",
        "cache: {driver: x~state: y  | line 1, column 8: a bracket is opened and not closed",
        "cache: [a, b                | line 1, column 8: a bracket is opened and not closed",
        "cache:~  driver: x~ root: y | line 3, column 2: this does not belong here",
        "a: b~- c                    | line 2, column 1: this does not belong here",
        "a: {b: c}}                  | line 1, column 10: this does not belong here",
        "server: @x                  | line 1, column 9: a value cannot begin with @",
        "server: %x                  | line 1, column 9: a value cannot begin with %",
        "a: \"\\q\"                  | line 1, column 6: \\q means nothing in double quotes",
        "a: 1~b: 2~a: 3              | line 3: \"a\" is set twice",
        "a: 1~---~b: 2               | line 3: a second document begins",
      })
  void the_place_and_the_problem_are_named(String yaml, String said) throws Exception {
    assertThat(problem(yaml.replace('~', '\n').replace('>', '\t') + "\n"))
        .startsWith(said)
        .doesNotContain("scan", "pars", "token", "flow", "block", "scalar", "Exception");
  }

  @Test
  void a_character_that_is_no_text_is_named() throws Exception {
    assertThat(problem("a: 1\nb: \u00e4\u0001\n"))
        .isEqualTo("line 2, column 5: the character U+0001 is no text");
  }

  @ParameterizedTest(name = "{index}")
  @ValueSource(
      strings = {
        "state: /x\nserver: &a http://127.0.0.1",
        "state: /x\nserver: *a",
        "state: /x\n&k server: y",
        "state: /x\n*k : y",
        "state: /x\nserver: !!str y",
        "state: /x\ncache: &c {driver: varnish}",
        "state: /x\ncache: !c {driver: varnish}",
        "state: /x\ncapacity: !!int \"5\"",
      })
  void nothing_stands_for_something_else_or_says_what_it_is(String yaml) throws Exception {
    assertThat(problem(yaml + "\n"))
        .startsWith("line 2, column ")
        .endsWith("anchors (&), aliases (*) and tags (!) are not allowed");
  }

  /** As it was found: the alias was read as its name, and the state directory was {@code ./a}. */
  @Test
  void an_alias_is_not_read_as_its_name() throws Exception {
    assertThat(problem("server: &a http://127.0.0.1:8080\nstate: *a\n"))
        .isEqualTo("line 1, column 9: anchors (&), aliases (*) and tags (!) are not allowed");
    assertThat(problem("server: http://127.0.0.1:8080\nstate: *a\n"))
        .isEqualTo("line 2, column 8: anchors (&), aliases (*) and tags (!) are not allowed");
  }
}
