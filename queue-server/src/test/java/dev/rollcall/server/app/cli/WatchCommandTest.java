// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.app.cli.FakeQueueServer.Reply;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class WatchCommandTest {
  private static final String PATH = "GET /v1/commands/c-1";

  @AutoClose private final FakeQueueServer server = FakeQueueServer.start();

  @Test
  void waits_for_each_next_version() {
    server.on(
        PATH,
        Reply.ok(CommandJson.of("c-1", "pending", 0, 0, 0)),
        Reply.ok(CommandJson.of("c-1", "active", 1, 1, 0)),
        Reply.ok(CommandJson.of("c-1", "active", 1, 1, 0)),
        Reply.ok(CommandJson.of("c-1", "complete", 3, 2, 1)));

    CliRun.Ended ended = CliRun.against(server).run("watch", "c-1");

    assertThat(ended.status()).isZero();
    assertThat(ended.out())
        .isEqualTo(
            """
            1.500 s  pending 0/3  alpha 0/2  beta 0/1
            1.500 s  active 1/3  alpha 1/2  beta 0/1
            0.184 s  complete 3/3  alpha 2/2  beta 1/1
            complete: 3 of 3 succeeded; 0.184 s from accepted to complete
            """);
    assertThat(server.requests())
        .map(FakeQueueServer.Seen::target)
        .containsExactly(
            "/v1/commands/c-1",
            "/v1/commands/c-1?waitSeconds=30&sinceVersion=0",
            "/v1/commands/c-1?waitSeconds=30&sinceVersion=1",
            "/v1/commands/c-1?waitSeconds=30&sinceVersion=1");
  }

  @Test
  void a_bad_end_is_status_1_and_says_why_by_reason() {
    server
        .on(PATH, Reply.ok(CommandJson.failed("c-1")))
        .on(
            "GET /v1/commands/c-1/executions",
            Reply.ok(
                """
                {"items": [
                  {"server": "alpha/lax-01", "state": "failed", "code": "timeout", "message": "no answer\\u001b[2J"},
                  {"server": "alpha/lax-02", "state": "failed", "code": "timeout", "message": "no answer\\u001b[2J"},
                  {"server": "alpha/lax-03", "state": "failed", "code": "refused", "message": ""}]}
                """));

    CliRun.Ended ended = CliRun.against(server).run("watch", "c-1");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out())
        .isEqualTo(
            """
            60.000 s  failed 2/2  alpha 2/2 (1 failed)
            failed: 1 of 2 succeeded, 1 failed; 60.000 s from accepted to complete
              2 failed (timeout): no answer\\u001b[2J - alpha/lax-01, alpha/lax-02
              1 failed (refused) - alpha/lax-03
            """);
  }

  @Test
  void an_unknown_command_is_told_at_once() {
    CliRun.Ended ended = CliRun.against(server).run("watch", "c-2");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).isEqualTo("Not Found (404)\n  There is nothing here.\n");
  }

  @Test
  void survives_a_restart_of_the_server_and_says_so_once() {
    var running = new AtomicReference<>(server);
    int port = server.port();
    var pauses = new AtomicInteger();
    server.on(
        PATH,
        _ -> {
          if (server.requests().size() > 1) {
            server.close();
          }
          return Reply.ok(CommandJson.of("c-1", "active", 1, 1, 0));
        });

    CliRun.Ended ended =
        CliRun.against(server)
            .pausing(length -> {
              if (length.toMillis() > 50 && pauses.incrementAndGet() == 4) {
                running.set(
                    FakeQueueServer.start(port)
                        .on(PATH, Reply.ok(CommandJson.of("c-1", "complete", 3, 2, 1))));
              }
            })
            .run("watch", "c-1");
    running.get().close();

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).endsWith("0.184 s from accepted to complete\n");
    assertThat(ended.err().lines()).hasSize(2);
    assertThat(ended.err()).contains("cannot reach http://127.0.0.1:").contains("trying again");
    assertThat(ended.err()).endsWith("the server answers again\n");
    assertThat(ended.pauses())
        .allSatisfy(p -> assertThat(p).isLessThanOrEqualTo(Duration.ofSeconds(5)));
  }

  @Test
  void a_server_that_is_busy_is_given_the_time_it_asks_for() {
    server.on(
        PATH,
        new Reply(
            503,
            Map.of("Content-Type", "application/problem+json", "Retry-After", "7"),
            "{\"title\": \"Service Unavailable\", \"status\": 503, \"detail\": \"starting\"}"),
        Reply.ok(CommandJson.of("c-1", "complete", 3, 2, 1)));

    CliRun.Ended ended = CliRun.against(server).run("watch", "c-1");

    assertThat(ended.status()).isZero();
    assertThat(ended.err()).startsWith("Service Unavailable (503); trying again\n");
    assertThat(ended.pauses()).first().isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void an_address_where_nobody_ever_answered_is_given_up() {
    server.close();
    var now = new AtomicReference<>(CliRun.NOW);
    InstantSource clock = now::get;

    CliRun.Ended ended =
        CliRun.against(server)
            .clock(clock)
            .pausing(length -> now.updateAndGet(then -> then.plus(length)))
            .run("watch", "c-1");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).contains("connection refused; trying again");
    assertThat(ended.err()).endsWith(server.uri() + ": connection refused\n");
  }

  @Test
  void on_a_terminal_the_bars_are_drawn_over_each_other() {
    server.on(
        PATH,
        Reply.ok(CommandJson.of("c-1", "active", 1, 1, 0)),
        Reply.ok(CommandJson.of("c-1", "complete", 3, 2, 1)));
    var screen = new Screen(true, false, Glyphs.UNICODE, () -> TerminalSize.USUAL);

    CliRun.Ended ended = CliRun.against(server).on(screen).run("watch", "c-1");

    assertThat(ended.out().split("\033\\[3A", -1)).hasSize(2);
    assertThat(ended.out())
        .endsWith("complete: 3 of 3 succeeded; 0.184 s from accepted to complete\n");
  }

  @Test
  void what_is_no_command_is_said_to_be_none() {
    server.on(PATH, Reply.ok("{\"hello\": 1}"));

    CliRun.Ended ended = CliRun.against(server).run("watch", "c-1");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).isEqualTo("the server answered with what is no command\n");
  }

  @Test
  void an_id_cannot_lead_to_another_address() {
    CliRun.against(server).run("watch", "../tokens?x=1");

    assertThat(server.last().target()).isEqualTo("/v1/commands/..%2Ftokens%3Fx%3D1");
  }
}
