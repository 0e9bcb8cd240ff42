// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class ServerConfigTest {
  @Test
  void what_is_not_given_has_its_default() {
    ServerConfig config = ServerConfig.read(Map.of(), Map.of());

    assertThat(config.listen()).isEqualTo(new ServerConfig.Listen("127.0.0.1", 8080));
    assertThat(config.logLevel()).isEqualTo("INFO");
    assertThat(config.retentionDays()).isEqualTo(30);
    assertThat(config.limits()).isEqualTo(new Limits(null, null, null, null));
  }

  @Test
  void limits_are_numbers_that_let_something_through() {
    Map<String, String> environment =
        Map.of(
            "ROLLCALL_REQUESTS_PER_MINUTE", "600",
            "ROLLCALL_EDGE_REQUESTS_PER_MINUTE", "6000",
            "ROLLCALL_MAX_PENDING_PER_SERVER", "10",
            "ROLLCALL_MAX_PENDING_PER_PARTICIPANT", "20");

    assertThat(ServerConfig.read(Map.of(), environment).limits())
        .isEqualTo(new Limits(600, 6_000, 10, 20));
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ServerConfig.read(Map.of("requests-per-minute", "0"), Map.of()))
        .withMessage(
            "--requests-per-minute / ROLLCALL_REQUESTS_PER_MINUTE is \"0\"; allowed: a whole number"
                + " from 1 to 1000000");
  }

  @Test
  void the_log_level_is_a_setting_like_the_others() {
    Map<String, String> environment = Map.of("ROLLCALL_LOG_LEVEL", "debug");

    assertThat(ServerConfig.read(Map.of(), environment).logLevel()).isEqualTo("DEBUG");
    assertThat(ServerConfig.read(Map.of("log-level", "TRACE"), environment).logLevel())
        .isEqualTo("TRACE");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ServerConfig.read(Map.of(), Map.of("ROLLCALL_LOG_LEVEL", "LOUD")))
        .withMessage(
            "--log-level / ROLLCALL_LOG_LEVEL is \"LOUD\"; allowed: OFF, ERROR, WARN, INFO, DEBUG,"
                + " TRACE");
  }

  @Test
  void all_problems_are_told_at_once() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() ->
            ServerConfig.read(
                Map.of("listen", "0.0.0.0:8080", "retention-days", "0"),
                Map.of("ROLLCALL_LOG_LEVEL", "LOUD", "ROLLCALL_ADMIN_TOKEN", "short")))
        .satisfies(e ->
            assertThat(e.problems())
                .hasSize(4)
                .anyMatch(problem -> problem.startsWith("--listen"))
                .anyMatch(problem -> problem.startsWith("--retention-days"))
                .anyMatch(problem -> problem.startsWith("--log-level"))
                .anyMatch(problem -> problem.startsWith("ROLLCALL_ADMIN_TOKEN")));
  }
}
