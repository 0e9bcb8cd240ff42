// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.protocol.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostNameTest {
  @Test
  void an_international_name_is_kept_in_ascii() throws SelectorException {
    assertThat(HostName.parse("Bücher.Example.").name()).isEqualTo("xn--bcher-kva.example");
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 300, 1_000, 1_001, 100_000})
  void an_international_label_that_is_too_long_is_refused(int length) {
    for (String letter : new String[] {"ü", "\ufdfa", "\u00ad", "\ud83d\ude00"}) {
      String label = letter.repeat(length / letter.length());
      assertThatExceptionOfType(SelectorException.class)
          .isThrownBy(() -> HostName.parse(label + ".example"));
    }
  }
}
