// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rollcall.server.app.cli.FakeQueueServer.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplyCommandTest {
  private static final String DIFF =
      """
      {"created": [{"kind": "server", "name": "alpha/lax-01"}],
       "changed": [{"kind": "configuration", "name": "alpha/acme-www", "fields": ["hosts", "deployments"]}],
       "removed": [{"kind": "customer", "name": "alpha/old"}]}
      """;

  @TempDir private Path directory;

  @AutoClose
  private final FakeQueueServer server =
      FakeQueueServer.start().on("PUT /v1/registry", Reply.ok(DIFF));

  private String file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  @Test
  void says_what_was_created_changed_and_removed() throws IOException {
    CliRun.Ended ended = CliRun.against(server).run("apply", file("m.yaml", "participants: []"));

    assertThat(ended.status()).isZero();
    assertThat(ended.out())
        .isEqualTo(
            """
            created server alpha/lax-01
            changed configuration alpha/acme-www (hosts, deployments)
            removed customer alpha/old
            1 created, 1 changed, 1 removed
            """);
    assertThat(server.last().target()).isEqualTo("/v1/registry");
    assertThat(server.last().body()).isEqualTo("participants: []");
    assertThat(server.last().header("Content-type")).isEqualTo("application/yaml");
  }

  @Test
  void takes_the_type_from_the_name_in_any_case() throws IOException {
    CliRun.against(server).run("apply", file("MANIFEST.JSON", "{}"));

    assertThat(server.last().header("Content-type")).isEqualTo("application/json");
  }

  @Test
  void reads_standard_input() {
    CliRun.against(server).input("participants: []\n").run("apply", "-");

    assertThat(server.last().body()).isEqualTo("participants: []\n");
    assertThat(server.last().header("Content-type")).isEqualTo("application/yaml");
  }

  @Test
  void dry_run_and_prune_are_asked_for_and_said() {
    CliRun.Ended ended = CliRun.against(server).run("apply", "-", "--dry-run", "--prune");

    assertThat(server.last().target()).isEqualTo("/v1/registry?dryRun=true&prune=true");
    assertThat(ended.out()).endsWith("1 removed (dry run: nothing was changed)\n");
  }

  @Test
  void shows_every_problem_with_its_pointer() {
    server.on(
        "PUT /v1/registry",
        Reply.problem(
            400,
            """
            {"type": "about:blank", "title": "Bad Request", "status": 400, "code": "invalid",
             "detail": "The manifest has 2 problems.",
             "errors": [{"pointer": "/participants/0/name", "message": "is missing"},
                        {"pointer": "", "message": "holds more than one document"}]}
            """));

    CliRun.Ended ended = CliRun.against(server).run("apply", "-");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err())
        .isEqualTo(
            """
            Bad Request (400)
              The manifest has 2 problems.
              /participants/0/name: is missing
              holds more than one document
            """);
  }

  @Test
  void a_file_that_is_not_there_is_a_wrong_call() {
    CliRun.Ended ended = CliRun.against(server).run("apply", directory + "/none.yaml");

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).contains("none.yaml is no file that can be read");
    assertThat(ended.err()).contains("See queue-server apply --help");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void json_is_the_server_s_answer() {
    CliRun.Ended ended = CliRun.against(server).run("apply", "-", "--json");

    assertThat(ended.out()).startsWith("{\n").contains("\"created\" : [");
  }
}
