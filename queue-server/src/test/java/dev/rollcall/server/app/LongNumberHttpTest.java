// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A number of few characters may have many digits; what is stored can be read again. */
final class LongNumberHttpTest {
  @RegisterExtension static final ServerExtension server = new ServerExtension();

  private static final String LONG = "-1e299";

  private Federation federation;

  @BeforeEach
  void begin() {
    federation = Federation.fresh(server);
    server.operator().put("/v1/operations/warm", "{\"type\": \"object\"}").status(204);
  }

  private static CommandJson warm(String number) {
    return CommandJson.of("warm")
        .target("{\"servers\": [\"alpha/lax-01\"]}")
        .parameters("{\"n\": " + number + "}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1e37",
        "99999999999999999999999999999999999999",
        "-0.1234567890123456789012345678901234567",
        "1.7e-36"
      })
  void a_number_that_can_be_read_again_is_handed_out_as_it_was_given(String number) {
    Edge edge = federation.poller("alpha/lax-01");
    JsonNode given = warm(number).submit(server.operator()).path("parameters").path("n");

    JsonNode handed =
        edge.poll("{\"capacity\": 1}").path("executions").path(0).path("parameters").path("n");

    assertThat(handed.decimalValue()).isEqualByComparingTo(number);
    assertThat(given.decimalValue()).isEqualByComparingTo(number);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e38", LONG, "1e-38", "0.12345678901234567890123456789012345678"})
  void a_longer_one_is_refused_and_keeps_no_poll_from_its_work(String number) {
    warm(number).post(server.operator()).invalidAt("/parameters/n");

    String id = CommandJson.purge().id(server.operator());
    assertThat(federation.poller("alpha/lax-01").leaseOne().command()).isEqualTo(id);
  }

  @Test
  void the_schema_of_an_operation_holds_none_that_would_keep_all_others_from_being_read() {
    server
        .operator()
        .put("/v1/operations/poison", "{\"type\": \"object\", \"default\": " + LONG + "}")
        .invalidAt("/default");

    server.operator().put("/v1/operations/later", "{\"type\": \"object\"}").status(204);
    CommandJson.of("later").target("{\"servers\": [\"alpha/lax-01\"]}").id(server.operator());
  }

  @Test
  void what_a_server_reports_is_kept_with_such_numbers_as_texts() {
    String id = CommandJson.purge().id(server.operator());
    Edge edge = federation.poller("alpha/lax-01");
    Edge.Lease lease = edge.leaseOne();

    edge.report(
        Edge.item(id, lease.number(), "succeeded", "\"data\": {\"n\": " + LONG + ", \"m\": 7}"));

    JsonNode data = federation.execution(id, "alpha/lax-01").path("data");
    assertThat(data.path("n").isString()).as("%s", data).isTrue();
    assertThat(data.path("m").asInt()).isEqualTo(7);
  }
}
