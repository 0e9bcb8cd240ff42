// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NetworkTest {
  @ParameterizedTest(name = "{0} contains {1}: {2}")
  @CsvSource({
    "10.0.0.0/8, 10.255.1.2, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.4.0.0/14, 10.7.255.255, true",
    "10.4.0.0/14, 10.8.0.0, false",
    "192.168.1.7, 192.168.1.7, true",
    "192.168.1.7, 192.168.1.6, false",
    "0.0.0.0/0, 8.8.8.8, true",
    "0.0.0.0/0, ::1, false",
    "::/0, 8.8.8.8, false",
    "10.0.0.0/8, ::ffff:10.1.1.1, true",
    "10.0.0.0/8, 64:ff9b::10.1.1.1, false",
    "fd00::/8, fd00::1, true",
    "fd00::/8, fc00::1, false"
  })
  void it_holds_the_addresses_that_begin_alike(String network, String address, boolean contained) {
    assertThat(Network.parse(network).orElseThrow().contains(InetAddress.ofLiteral(address)))
        .isEqualTo(contained);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.1/8",
        "fd00::1/8",
        "::/129",
        "localhost",
        "localhost/8",
        "10.0.0.0/8/8",
        "10.0.0.0/99999999999"
      })
  void another_form_is_none(String text) {
    assertThat(Network.parse(text)).isEmpty();
  }

  @Test
  void an_origin_names_the_address_it_is_written_with_and_its_networks() {
    var literal = new Origin(URI.create("http://10.0.0.5:8080"), List.of());
    assertThat(literal.names(InetAddress.ofLiteral("10.0.0.5"))).isTrue();
    assertThat(literal.names(InetAddress.ofLiteral("10.0.0.6"))).isFalse();

    var six = new Origin(URI.create("http://[fd00::5]:8080"), List.of());
    assertThat(six.names(InetAddress.ofLiteral("fd00::5"))).isTrue();

    var local = new Origin(URI.create("http://LocalHost:8080"), List.of());
    assertThat(local.names(InetAddress.ofLiteral("127.0.0.1"))).isTrue();
    assertThat(local.names(InetAddress.ofLiteral("::1"))).isTrue();
    assertThat(local.names(InetAddress.ofLiteral("10.0.0.5"))).isFalse();

    var named =
        new Origin(
            URI.create("http://o.example"), List.of(Network.parse("10.0.0.0/24").orElseThrow()));
    assertThat(named.names(InetAddress.ofLiteral("10.0.0.5"))).isTrue();
    assertThat(named.names(InetAddress.ofLiteral("127.0.0.1"))).isFalse();
  }
}
