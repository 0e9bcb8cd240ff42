// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.protocol.json.Json;
import dev.rollcall.server.app.cli.FakeQueueServer.Reply;
import dev.rollcall.server.app.cli.FakeQueueServer.Seen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubmitCommandTest {
  @TempDir private Path directory;

  @AutoClose
  private final FakeQueueServer server =
      FakeQueueServer.start()
          .on("POST /v1/commands", Reply.json(202, CommandJson.of("c-1", "active", 0, 0, 0)));

  private void submitsBody(String expected, String... options) {
    String[] args = new String[options.length + 1];
    args[0] = "submit";
    System.arraycopy(options, 0, args, 1, options.length);

    CliRun.Ended ended = CliRun.against(server).run(args);

    assertThat(ended.err()).isEmpty();
    assertThat(ended.status()).isZero();
    assertThat(server.last().json())
        .isEqualTo(Json.parse(expected.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void prints_the_id_and_nothing_else() {
    CliRun.Ended ended =
        CliRun.against(server)
            .run("submit", "--operation=purge", "--configuration=alpha/acme-www", "--everything");

    assertThat(ended.out()).isEqualTo("c-1\n");
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void selectors_of_a_configuration() {
    submitsBody(
        """
        {"operation": "purge", "target": {"configuration": "alpha/acme-www", "participants": ["beta"],
                                          "regions": ["eu", "us"]},
         "parameters": {"urls": ["https://www.acme.example/a,b?c=1", "https://www.acme.example/d"],
                        "prefixes": ["https://www.acme.example/p/"], "patterns": ["/img/*.png"],
                        "regexes": ["^/a{1,2}$"], "tags": ["t"], "everything": true}}
        """,
        "--operation",
        "purge",
        "--configuration",
        "alpha/acme-www",
        "--participants",
        "beta",
        "--regions",
        "eu,us",
        "--url",
        "https://www.acme.example/a,b?c=1",
        "--url",
        "https://www.acme.example/d",
        "--prefix",
        "https://www.acme.example/p/",
        "--pattern",
        "/img/*.png",
        "--regex",
        "^/a{1,2}$",
        "--tag",
        "t",
        "--everything");
  }

  @Test
  void servers_as_the_target() {
    submitsBody(
        """
        {"operation": "reload", "target": {"servers": ["alpha/a", "beta/b", "beta/c"]},
         "parameters": {"graceful": true}}
        """,
        "--operation",
        "reload",
        "--servers",
        "alpha/a,beta/b",
        "--servers",
        "beta/c",
        "--parameters",
        "{\"graceful\": true}");
  }

  @Test
  void a_selector_as_the_target() {
    submitsBody(
        """
        {"operation": "reload", "target": {"selector": {"participants": ["alpha"], "regions": ["eu"],
                                                       "labels": {"tier": "edge"}}},
         "parameters": {}}
        """,
        "--operation=reload",
        "--participants=alpha",
        "--regions=eu",
        "--label=tier=edge");
  }

  @Test
  void all_options_of_a_command() {
    submitsBody(
        """
        {"operation": "purge", "target": {"configuration": "alpha/acme-www"},
         "parameters": {"everything": true},
         "options": {"orderingKey": "", "lane": "urgent", "notBefore": "2026-12-24T18:00:00Z",
                     "deadlineSeconds": 60, "leaseSeconds": 5, "maxAttempts": 2, "partial": false,
                     "degrade": "widen"}}
        """,
        "--operation=purge",
        "--configuration=alpha/acme-www",
        "--everything",
        "--ordering-key=",
        "--lane=urgent",
        "--not-before=2026-12-24T18:00:00Z",
        "--deadline-seconds=60",
        "--lease-seconds=5",
        "--max-attempts=2",
        "--no-partial",
        "--degrade");
  }

  @Test
  void a_file_is_sent_as_it_is() throws IOException {
    String command = "{\"operation\": \"x\", \"target\": {}, \"more\": [1]}";
    submitsBody(
        command, "--file", Files.writeString(directory.resolve("c.json"), command).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "submit",
        "submit --operation purge",
        "submit --configuration a/b --everything",
        "submit --operation purge --configuration a/b --servers a/c",
        "submit --operation purge --configuration a/b --label x=y",
        "submit --operation purge --configuration a/b --everything --parameters {}",
        "submit --operation purge --configuration a/b --parameters []",
        "submit --operation purge --configuration a/b --parameters nonsense",
        "submit --operation purge --configuration a/b --deadline-seconds soon",
        "submit --file /does/not/exist",
        "submit --file - --operation purge",
        "submit --operation purge --configuration a/b --dry-run --watch",
        "submit --operation purge --configuration a/b --idempotency-key ä",
        "submit --operation purge --server alpha/lax-01",
      })
  void a_wrong_call_is_told_in_two_lines_and_sends_nothing(String line) {
    CliRun.Ended ended = CliRun.against(server).run(line.split(" "));

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err().lines()).hasSize(2);
    assertThat(ended.err()).endsWith("See queue-server submit --help\n");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void an_edge_server_given_as_the_queue_server_s_address_is_explained() {
    CliRun.Ended ended =
        CliRun.against(server).run("submit", "--operation=purge", "--server=alpha/lax-01");

    assertThat(ended.err()).contains("edge servers go to --servers");
  }

  @Test
  void sends_again_with_the_same_key_what_may_have_arrived() {
    var count = new AtomicInteger();
    server.on(
        "POST /v1/commands",
        _ -> {
          if (count.incrementAndGet() < 3) {
            throw new IOException("the connection breaks before the answer");
          }
          return Reply.json(202, CommandJson.of("c-1", "active", 0, 0, 0));
        });

    CliRun.Ended ended =
        CliRun.against(server)
            .run("submit", "--operation=purge", "--configuration=a/b", "--everything");

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).isEqualTo("c-1\n");
    assertThat(ended.err()).contains("submitting again with the same idempotency key");
    assertThat(server.requests().stream().map(seen -> seen.header("Idempotency-key")).distinct())
        .singleElement()
        .asString()
        .hasSize(36);
  }

  @Test
  void a_key_of_one_s_own_is_used_and_a_replay_is_said() {
    server.on(
        "POST /v1/commands",
        new Reply(
            202,
            Map.of("Content-Type", "application/json", "Idempotent-Replayed", "true"),
            CommandJson.of("c-1", "complete", 3, 2, 1)));

    CliRun.Ended ended =
        CliRun.against(server)
            .run(
                "submit",
                "--operation=purge",
                "--configuration=a/b",
                "--everything",
                "--idempotency-key=release-42");

    assertThat(server.last().header("Idempotency-key")).isEqualTo("release-42");
    assertThat(ended.out()).isEqualTo("c-1\n");
    assertThat(ended.err()).contains("submitted before with this key");
  }

  @Test
  void a_dry_run_shows_the_plan_and_submits_nothing() {
    server.on(
        "POST /v1/commands",
        Reply.ok(
            """
            {"targeted": 3, "participants": [{"participant": "alpha", "targeted": 2, "rejected": []},
              {"participant": "beta", "targeted": 1, "rejected": [{"server": "beta/fra-01", "code": "exposure"}]}]}
            """));

    CliRun.Ended ended =
        CliRun.against(server)
            .run("submit", "--operation=purge", "--configuration=a/b", "--everything", "--dry-run");

    assertThat(server.last().target()).isEqualTo("/v1/commands?dryRun=true");
    assertThat(ended.out())
        .isEqualTo(
            """
            targeted: 3
            participants:
              - participant: alpha
                targeted: 2
                rejected: none
              - participant: beta
                targeted: 1
                rejected:
                  - server: beta/fra-01
                    code: exposure
            """);
  }

  @Test
  void watch_goes_on_to_the_end_and_ends_with_its_status() {
    server.on(
        "GET /v1/commands/c-1",
        Reply.ok(CommandJson.of("c-1", "active", 1, 1, 0)),
        Reply.ok(CommandJson.of("c-1", "complete", 3, 2, 1)));

    CliRun.Ended ended =
        CliRun.against(server)
            .run("submit", "--operation=purge", "--configuration=a/b", "--everything", "--watch");

    assertThat(ended.status()).isZero();
    assertThat(ended.out())
        .isEqualTo(
            """
            c-1
            1.500 s  active 1/3  alpha 1/2  beta 0/1
            0.184 s  complete 3/3  alpha 2/2  beta 1/1
            complete: 3 of 3 succeeded; 0.184 s from accepted to complete
            """);
  }

  @Test
  void json_and_watch_leave_only_the_ended_command_on_standard_output() {
    server.on("GET /v1/commands/c-1", Reply.ok(CommandJson.of("c-1", "complete", 3, 2, 1)));

    CliRun.Ended ended =
        CliRun.against(server)
            .run(
                "submit",
                "--operation=purge",
                "--configuration=a/b",
                "--everything",
                "--watch",
                "--json");

    assertThat(Json.parse(ended.out().getBytes(StandardCharsets.UTF_8)).path("state").asString())
        .isEqualTo("complete");
    assertThat(ended.err()).contains("complete 3/3");
  }

  @Test
  void a_refusal_is_not_tried_again() {
    server.on(
        "POST /v1/commands",
        Reply.problem(
            409,
            """
            {"title": "Conflict", "status": 409, "code": "conflict", "detail": "beta does not allow it."}
            """));

    CliRun.Ended ended =
        CliRun.against(server)
            .run("submit", "--operation=purge", "--configuration=a/b", "--everything");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.err()).isEqualTo("Conflict (409)\n  beta does not allow it.\n");
    assertThat(server.requests()).map(Seen::method).isEqualTo(List.of("POST"));
  }
}
