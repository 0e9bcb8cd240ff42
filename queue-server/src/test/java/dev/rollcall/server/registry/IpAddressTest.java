// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IpAddressTest {
  @ParameterizedTest(name = "''{0}''")
  @CsvSource({
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255",
    "::, ::",
    "::1, ::1",
    "1::, 1::",
    "0:0:0:0:0:0:0:0, ::",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "FE80::ABCD, fe80::abcd",
    "::ffff:1.2.3.4, 1.2.3.4",
    "::ffff:102:304, 1.2.3.4",
    "64:ff9b::1.2.3.4, 64:ff9b::102:304",
  })
  void each_address_has_one_form(String text, String canonical) {
    assertThat(IpAddress.canonical(text)).isEqualTo(canonical);
    assertThat(IpAddress.canonical(canonical)).isEqualTo(canonical);
  }

  @ParameterizedTest(name = "''{0}''")
  @ValueSource(
      strings = {
        "",
        ".",
        ":",
        ":::",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.4 ",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "12345::",
        "::1.2.3.400",
        "::1%1",
        "[::1]",
        "x",
        "1.2.3.-4",
        "\u0661.2.3.4"
      })
  void what_is_no_address_is_none(String text) {
    assertThat(IpAddress.canonical(text)).isNull();
  }
}
