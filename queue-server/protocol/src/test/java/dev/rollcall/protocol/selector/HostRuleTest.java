// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostRuleTest {
  @ParameterizedTest(name = "{0} covers {1}: {2}")
  @CsvSource({
    "www.acme.example, www.acme.example, true",
    "WWW.acme.example, www.ACME.example, true",
    "www.acme.example, img.acme.example, false",
    "*.acme.example, img.acme.example, true",
    "*.acme.example, a.b.acme.example, true",
    "*.acme.example, acme.example, false",
    "*.acme.example, evilacme.example, false",
    "*.acme.example, acme.example.evil.example, false",
  })
  void a_rule_covers_its_names_and_no_others(String rule, String host, boolean covered)
      throws SelectorException {
    assertThat(HostRule.parse(rule).covers(HostName.parse(host))).isEqualTo(covered);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "a.b.example.org, *.b.example.org *.example.org *.org",
    "*.a.example.org, *.example.org *.org",
    "example.org, *.org",
  })
  void above_a_rule_are_the_wildcards_that_hold_all_of_it(String rule, String above)
      throws SelectorException {
    assertThat(HostRule.parse(rule).above())
        .map(HostRule::toString)
        .containsExactly(above.split(" "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "*.",
        "*.example",
        "**.acme.example",
        "a*.acme.example",
        "10.0.0.1",
        "acme",
        ""
      })
  void addresses_and_bare_wildcards_are_refused(String rule) {
    assertThatExceptionOfType(SelectorException.class).isThrownBy(() -> HostRule.parse(rule));
  }

  @Test
  void a_name_that_is_too_long_is_refused() {
    String label = "a".repeat(63) + ".";
    assertThatExceptionOfType(SelectorException.class)
        .isThrownBy(() -> HostName.parse(label.repeat(4) + "example"));
  }
}
