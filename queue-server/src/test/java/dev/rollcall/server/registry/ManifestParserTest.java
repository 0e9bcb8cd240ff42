// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rollcall.protocol.json.InvalidDocumentException;
import dev.rollcall.protocol.json.Problems;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What is said of a manifest that cannot be read. */
final class ManifestParserTest {
  private static String problem(byte[] manifest, boolean yaml) {
    var in = new ByteArrayInputStream(manifest);
    var thrown =
        catchThrowableOfType(
            InvalidDocumentException.class, () -> ManifestParser.parse(in, yaml, new Problems()));
    return thrown.problems().getFirst().message();
  }

  private static String yaml(String manifest) {
    return problem(manifest.getBytes(UTF_8), true);
  }

  @Test
  void a_tab_is_told_where_it_stands() {
    assertThat(yaml("participants:\n  - name: alpha\n\tdelivery: poll\n"))
        .startsWith("cannot be read (line 3, column 1): ")
        .contains("\\t(TAB)")
        .doesNotContain("while scanning");
  }

  @Test
  void a_bracket_that_is_not_closed_is_told_where_its_end_was_expected() {
    assertThat(yaml("participants:\n  - {name: alpha\n    delivery: poll\n"))
        .contains("(line 3, ")
        .contains("expected")
        .doesNotContain("while parsing");
  }

  @Test
  void other_alphabets_and_deep_nesting_are_told_without_names_of_classes() {
    byte[] latin = "participants: [{name: \u00e9}]".getBytes(StandardCharsets.ISO_8859_1);
    byte[] latinJson =
        "{\"participants\": [{\"name\": \"\u00e9\"}]}".getBytes(StandardCharsets.ISO_8859_1);
    byte[] utf32 = {0, 0, 0, '{', 0, 0x7f, 0, '"', 0, 0, 0, '}'};
    String deep = "{\"participants\": [{\"name\": " + "[".repeat(2_000) + "]".repeat(2_000) + "}]}";

    for (String told :
        new String[] {
          problem(latin, true),
          problem(latinJson, false),
          problem(utf32, false),
          problem("{\"participants\": ".getBytes(UTF_16), false),
          problem(deep.getBytes(UTF_8), false),
          problem(deep.getBytes(UTF_8), true)
        }) {
      assertThat(told)
          .startsWith("cannot be read")
          .doesNotContain("Exception", "java.", "Source", "REDACTED", "StreamRead", "`");
    }
  }
}
