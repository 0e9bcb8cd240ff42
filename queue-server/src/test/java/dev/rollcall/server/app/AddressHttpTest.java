// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers found by their IP addresses. */
final class AddressHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final String LAX = "/v1/participants/alpha/servers/lax-01";
  private static final String FRA = "/v1/participants/beta/servers/fra-01";

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    server
        .operator()
        .put(
            LAX,
            "{\"addresses\": [\"203.0.113.7\", \"2001:0DB8:0:0:1:0:0:7\","
                + " \"::ffff:198.51.100.3\"]}")
        .status(200);
  }

  private static Api.Answer purge(Api caller, String name) {
    return caller.post(
        "/v1/commands",
        """
        {"operation": "purge", "target": {"servers": ["%s"]},
         "parameters": {"urls": ["https://www.acme.example/a"]}}
        """
            .formatted(name));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "ip:203.0.113.7",
        "ip:::ffff:203.0.113.7",
        "ip:2001:db8::1:0:0:7",
        "ip:2001:DB8:0000::0001:0:0:0007",
        "ip:198.51.100.3"
      })
  void an_address_finds_the_server_however_it_is_spelled(String name) {
    Api.Answer answer = purge(server.operator(), name).status(202);

    assertThat(answer.json().path("target").toString())
        .isEqualTo("{\"servers\":[\"alpha/lax-01\"]}");
    String id = answer.json().path("id").asString();
    assertThat(federation.stands(id, "alpha/lax-01")).isEqualTo("pending");
    assertThat(federation.total(id, "targeted")).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "ip:203.0.113.8 | the address of no server",
        "ip:203.0.113.07 | an IP address such as",
        "ip:203.0.113 | an IP address such as",
        "ip:3405803783 | an IP address such as",
        "ip:[2001:db8::7] | an IP address such as",
        "ip:fe80::1%eth0 | an IP address such as",
        "ip: | an IP address such as",
        "ip:localhost | an IP address such as",
        "203.0.113.7 | which is no server",
      })
  void what_is_no_address_of_a_server_is_refused(String name, String message) {
    Api.Answer answer = purge(server.operator(), name).invalidAt("/target/servers/0");

    assertThat(answer.messageAt("/target/servers/0")).contains(message);
  }

  @Test
  void an_address_of_two_servers_is_refused_for_who_knows_both() {
    server.operator().put(FRA, "{\"addresses\": [\"203.0.113.7\"]}").status(200);
    server
        .operator()
        .put("/v1/participants/beta/servers/fra-02", "{\"addresses\": [\"198.51.100.3\"]}")
        .status(200);
    Api alpha = federation.as("participant", "alpha");

    Api.Answer answer = purge(alpha, "ip:203.0.113.7").invalidAt("/target/servers/0");
    assertThat(answer.messageAt("/target/servers/0"))
        .contains("several")
        .contains("alpha/lax-01")
        .contains("beta/fra-01");
    purge(alpha, "ip:198.51.100.3").status(202); // of fra-02 it does not know
  }

  @Test
  void a_server_that_a_caller_does_not_know_is_found_at_no_address() {
    server
        .operator()
        .put("/v1/participants/beta/servers/fra-02", "{\"addresses\": [\"192.0.2.1\"]}")
        .status(200);
    Api alpha = federation.as("participant", "alpha");

    String unknown = purge(alpha, "ip:192.0.2.1").invalidAt("/target/servers/0").text();
    assertThat(unknown)
        .isEqualTo(purge(alpha, "ip:192.0.2.9").text().replace("192.0.2.9", "192.0.2.1"));
  }

  @Test
  void addresses_are_kept_in_canonical_form_and_listed() {
    assertThat(server.operator().get(LAX).json().path("addresses").toString())
        .isEqualTo("[\"203.0.113.7\",\"2001:db8::1:0:0:7\",\"198.51.100.3\"]");
    assertThat(server.operator().get("/v1/servers").text()).contains("2001:db8::1:0:0:7");
    server
        .operator()
        .put(LAX, "{\"addresses\": [\"2001:db8::1\", \"2001:DB8:0::1\", \"10.0.0.0/8\", \"x\"]}")
        .invalidAt("/addresses/1", "/addresses/2", "/addresses/3");
    server.operator().put(LAX, "{}").status(200);
    purge(server.operator(), "ip:203.0.113.7").invalidAt("/target/servers/0");
  }
}
