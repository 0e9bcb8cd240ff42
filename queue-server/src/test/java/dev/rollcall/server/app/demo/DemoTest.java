// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.server.app.cli.FakeSurroundings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The whole demo with real processes, a stand-in for the server and one for the edge poller. */
@Timeout(60)
class DemoTest {
  @TempDir private Path directory;
  private final FakeFederation federation = new FakeFederation();
  private final FakeSurroundings surroundings = new FakeSurroundings();
  private Path poller;

  @BeforeEach
  void pack() throws IOException {
    poller = FakePoller.jar(directory.resolve("edge-poller.jar"), FakePoller.class.getName());
  }

  @AfterEach
  void nothing_is_left() {
    federation.close();
    assertThat(children()).isEmpty();
  }

  private int demo(String... more) {
    return demo(federation, more);
  }

  private int demo(ServerStarter starter, String... more) {
    List<String> args = new ArrayList<>(List.of("--exit", "--no-varnish", "--edges", "1"));
    args.addAll(List.of("--data", data().toString(), "--edge-poller", poller.toString()));
    args.addAll(List.of(more));
    return new CommandLine(new DemoCommand(surroundings.get(), starter))
        .execute(args.toArray(String[]::new));
  }

  private Path data() {
    return directory.resolve("demo");
  }

  private static List<ProcessHandle> children() {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> process.info().commandLine().orElse("").contains("edge-poller.jar"))
        .toList();
  }

  @Test
  void loads_purges_proves_both_and_leaves_nothing_running() throws IOException {
    int status = demo();

    assertThat(surroundings.err()).isEmpty();
    assertThat(status).isZero();
    assertThat(surroundings.out())
        .contains("alpha         lax-01\n")
        .contains("complete: 2 of 2 succeeded; 1.000 s from accepted to complete")
        .contains("In the caches: 10 files in the directories.")
        .contains("In the caches: 0 files in the directories.")
        .contains("From the start of the demo to the end of the purge: ")
        .doesNotContain("the server logs a line");
    assertThat(federation.isClosed()).isTrue();
    assertThat(federation.manifest()).contains("- {name: lax-01, region: us-west");
    assertThat(data().resolve("server.log")).hasContent("the server logs a line");
    assertThat(data().resolve("processes")).doesNotExist();
  }

  @Test
  void what_it_keeps_is_this_user_s_only_and_no_token_is_shown() throws IOException {
    demo();

    assertThat(Files.getPosixFilePermissions(data()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(Files.getPosixFilePermissions(data().resolve("admin-token")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(surroundings.out())
        .doesNotContain(Files.readString(data().resolve("admin-token")).strip())
        .doesNotContain("token-of-");
    assertThat(Files.readString(data().resolve("edges/alpha-lax-01/poller.yaml")))
        .contains("server: http://127.0.0.1:")
        .contains("driver: directory")
        .doesNotContain("token-of-");
  }

  @Test
  void a_rollup_that_is_not_complete_is_status_1() {
    federation.losingWork();

    assertThat(demo()).isEqualTo(1);
    assertThat(surroundings.out()).contains("failed: 2 of 2 succeeded");
  }

  @Test
  void a_second_demo_on_the_same_directory_says_who_holds_it() {
    try (DemoDirectory _ = DemoDirectory.open(data())) {
      assertThat(demo()).isEqualTo(1);
    }

    assertThat(surroundings.err())
        .contains(data() + " is held by process " + ProcessHandle.current().pid())
        .contains("--data DIR");
  }

  @Test
  void a_directory_of_something_else_is_left_alone() throws IOException {
    Files.createDirectory(data());
    Files.writeString(data().resolve("thesis.txt"), "years of work");
    var before = Files.getPosixFilePermissions(data());

    assertThat(demo()).isEqualTo(1);

    assertThat(surroundings.err()).contains("is not empty and holds no demo");
    assertThat(Files.getPosixFilePermissions(data())).isEqualTo(before);
  }

  @Test
  void a_missing_edge_poller_is_told_with_the_line_that_builds_it() {
    poller = directory.resolve("none.jar");

    int status = demo();

    assertThat(status).isEqualTo(1);
    assertThat(surroundings.err())
        .contains(directory.resolve("none.jar").toString())
        .contains("mvn -DskipTests package -pl edge-poller -am");
    assertThat(data()).doesNotExist();
  }

  @Test
  void a_poller_that_ends_is_told_with_the_end_of_its_log() throws IOException {
    FakePoller.jar(poller, "no.such.Main");

    assertThat(demo()).isEqualTo(1);
    assertThat(surroundings.err())
        .contains("the edge poller of alpha/lax-01 ended; the end of " + data())
        .contains("no.such.Main");
    assertThat(federation.isClosed()).isTrue();
  }

  @Test
  void a_server_that_does_not_start_is_told_with_its_reason() {
    int status =
        demo((_, _) -> {
          throw new IllegalStateException("the port is taken\nand more");
        });

    assertThat(status).isEqualTo(1);
    assertThat(surroundings.err())
        .contains("The queue server did not start:\n  the port is taken\n  and more\n")
        .contains("server.log");
  }

  @Test
  void a_sigterm_leaves_no_process_behind() throws IOException, InterruptedException {
    Process demo =
        new ProcessBuilder(
                Programs.java().toString(),
                "-cp",
                System.getProperty("java.class.path"),
                DemoProcess.class.getName(),
                data().toString(),
                poller.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("out").toFile())
            .start();
    try {
      await("the demo is up")
          .atMost(30, TimeUnit.SECONDS)
          .until(() -> Files.readString(directory.resolve("out")).contains("/metrics"));
      List<ProcessHandle> pollers = demo.children().toList();
      assertThat(pollers).hasSize(2);

      demo.destroy();

      assertThat(demo.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(demo.exitValue()).isEqualTo(143);
      assertThat(pollers).noneMatch(ProcessHandle::isAlive);
      assertThat(Files.readString(directory.resolve("out")))
          .contains("curl -sS -H @")
          .endsWith("Stopping everything.\n");
    } finally {
      demo.descendants().forEach(ProcessHandle::destroyForcibly);
      demo.destroyForcibly();
    }
  }
}
