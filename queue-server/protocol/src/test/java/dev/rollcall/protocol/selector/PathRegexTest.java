// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PathRegexTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "^/a/.*\\.js$",
        "/img/[a-z0-9_]+\\.(?:png|jpg)(\\?|$)",
        "(?i)\\.CSS",
        "/v\\d{1,3}/",
        "/a/[^/]+/b",
        "a{2,}?",
        "/(a|b)?c",
        "\\bword\\b",
      })
  void the_portable_subset_is_accepted_and_java_reads_it_too(String regex)
      throws SelectorException {
    assertThat(PathRegex.parse(regex).regex()).isEqualTo(regex);
    Pattern.compile(regex);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "(a+)+",
        "(a*)*b",
        "(a|aa)+",
        "(a?)*",
        "(?:(?:a)*)*",
        "a**",
        "a++",
        "(a",
        "a)",
        "[a",
        "[[:alpha:]]",
        "[a&&b]",
        "[]a]",
        "[]",
        "(?=a)",
        "(?<!a)b",
        "(?P<n>a)",
        "(a)\\1",
        "\\pL",
        "\\Qa\\E",
        "\\x41",
        "\\",
        "*a",
        "{2}",
        "a{",
        "a{101}",
        "a b",
        "a\nb",
        "a\tb",
        "ä",
        "a*b*c*d*e*f*g*h*i*j*k*",
      })
  void what_engines_read_differently_or_slowly_is_refused(String regex) {
    assertThatExceptionOfType(SelectorException.class).isThrownBy(() -> PathRegex.parse(regex));
  }

  @Test
  void a_regex_that_is_too_long_or_too_deep_is_refused() {
    assertThatExceptionOfType(SelectorException.class)
        .isThrownBy(() -> PathRegex.parse("a".repeat(1_001)));
    assertThatExceptionOfType(SelectorException.class)
        .isThrownBy(() -> PathRegex.parse("(".repeat(400) + ")".repeat(400)));
  }

  @Test
  void it_matches_anywhere_unless_anchored() throws SelectorException {
    assertThat(PathRegex.parse("b").matcher().test("/abc")).isTrue();
    assertThat(PathRegex.parse("^b").matcher().test("/abc")).isFalse();
  }
}
