// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.app.cli.FakeQueueServer.Reply;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** cancel, report, token create. */
class OtherCommandsTest {
  private static final String REPORT =
      """
      {"report": "queue_backlog",
       "columns": [{"name": "server", "type": "text"}, {"name": "pending", "type": "bigint"},
                   {"name": "note", "type": "text"}],
       "rows": [["alpha/lax-01", 12, null], ["beta/f", 1234, "say \\"hi\\", now\\u001b[2J"]]}
      """;

  @AutoClose private final FakeQueueServer server = FakeQueueServer.start();

  @Test
  void cancel_says_what_is_left() {
    server.on(
        "POST /v1/commands/c-1/cancel",
        Reply.json(
            202,
            CommandJson.of("c-1", "active", 1, 1, 0)
                .replace("\"active\", \"origin", "\"cancelling\", \"origin")));

    CliRun.Ended ended = CliRun.against(server).run("cancel", "c-1");

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).isEqualTo("cancelling: 2 pending\n");
  }

  @Test
  void cancel_of_what_has_ended_says_how_it_ended() {
    server.on(
        "POST /v1/commands/c-1/cancel",
        Reply.json(202, CommandJson.of("c-1", "complete", 3, 2, 1)));

    CliRun.Ended ended = CliRun.against(server).run("cancel", "c-1");

    assertThat(ended.out())
        .isEqualTo("complete: 3 of 3 succeeded; 0.184 s from accepted to complete\n");
  }

  @Test
  void a_report_is_an_aligned_table() {
    server.on("GET /v1/reports/queue_backlog", Reply.ok(REPORT));

    CliRun.Ended ended =
        CliRun.against(server)
            .run(
                "report",
                "queue_backlog",
                "--param",
                "since=2026-01-01 & more",
                "--param",
                "a=b=c");

    assertThat(ended.status()).isZero();
    assertThat(server.last().target())
        .isEqualTo("/v1/reports/queue_backlog?since=2026-01-01%20%26%20more&a=b%3Dc");
    assertThat(ended.out())
        .isEqualTo(
            """
            server        pending  note
            ------------  -------  --------------------
            alpha/lax-01       12
            beta/f           1234  say "hi", now\\u001b[2J
            (2 rows)
            """
                .replace("--------------------\n", "----------------------\n"));
  }

  @Test
  void csv_is_for_programs() {
    server.on("GET /v1/reports/queue_backlog", Reply.ok(REPORT));

    CliRun.Ended ended = CliRun.against(server).run("report", "queue_backlog", "--csv");

    assertThat(ended.out().split("\r\n", -1))
        .containsExactly(
            "server,pending,note",
            "alpha/lax-01,12,",
            "beta/f,1234,\"say \"\"hi\"\", now\033[2J\"",
            "");
  }

  @Test
  void without_a_name_the_reports_are_listed() {
    server.on(
        "GET /v1/reports",
        Reply.ok(
            """
            {"items": [{"name": "servers_silent", "purpose": "Servers that have not polled.",
              "parameters": [{"name": "seconds", "type": "integer", "meaning": "for how long"}]}]}
            """));

    CliRun.Ended ended = CliRun.against(server).run("report");

    assertThat(ended.out())
        .isEqualTo(
            """
            servers_silent
                Servers that have not polled.
                --param seconds=<integer>  for how long
            """);
  }

  @Test
  void a_token_stands_alone_on_standard_output() {
    server.on("POST /v1/tokens", Reply.json(201, "{\"id\": \"t-1\", \"token\": \"new-secret\"}"));

    CliRun.Ended ended =
        CliRun.against(server)
            .run("token", "create", "--role", "reporter", "--expires-in-days", "30");

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).isEqualTo("new-secret\n");
    assertThat(ended.err()).isEqualTo("token t-1 for reporter\n");
    assertThat(server.last().body())
        .isEqualTo("{\"role\":\"reporter\",\"expiresAt\":\"2026-03-31T12:00:00Z\"}");
  }

  @Test
  void a_server_s_token_is_made_at_the_server() {
    server.on(
        "POST /v1/participants/alpha/servers/lax-01/token",
        Reply.json(201, "{\"id\": \"t-1\", \"token\": \"new-secret\"}"));

    CliRun.Ended ended =
        CliRun.against(server)
            .run("token", "create", "--role=server", "--scope=alpha/lax-01", "--json");

    assertThat(ended.out()).isEqualTo("{\n  \"id\" : \"t-1\",\n  \"token\" : \"new-secret\"\n}\n");
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void a_server_s_token_that_expires_is_made_as_any_other() {
    server.on("POST /v1/tokens", Reply.json(201, "{\"id\": \"t-1\", \"token\": \"new-secret\"}"));

    CliRun.against(server)
        .run("token", "create", "--role=server", "--scope=a/b", "--expires-in-days=1");

    assertThat(server.last().json().path("scope").asString("")).isEqualTo("a/b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token",
        "token create",
        "token create --role server --expires-in-days 0",
        "report x --csv --json",
        "report --csv",
        "cancel",
        "watch",
        "apply",
        "watch a b",
      })
  void a_wrong_call_is_status_2(String line) {
    CliRun.Ended ended = CliRun.against(server).run(line.split(" "));

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).endsWith(" --help\n").doesNotContain("\tat ");
    assertThat(server.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"apply", "submit", "watch", "cancel", "report", "token", "token create"})
  void every_command_has_a_help(String command) {
    CliRun.Ended ended = CliRun.against(server).run((command + " --help").split(" "));

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).startsWith("Usage: queue-server " + command);
    assertThat(server.requests()).isEmpty();
  }
}
