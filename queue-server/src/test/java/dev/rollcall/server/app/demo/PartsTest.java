// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The pieces that the demo is made of. */
@Timeout(60)
class PartsTest {
  @TempDir private Path directory;

  @Test
  void a_fleet_has_both_participants_servers() {
    assertThat(Edge.fleet(2, true))
        .map(Edge::fullName)
        .containsExactly(
            "alpha/lax-01",
            "alpha/lax-02",
            "alpha/lax-varnish",
            "beta/fra-01",
            "beta/fra-02",
            "beta/fra-varnish");
    assertThat(Edge.fleet(1, false)).noneMatch(Edge::varnish);
  }

  @Test
  void the_manifest_is_yaml_that_names_every_server() {
    JsonNode manifest = new YAMLMapper().readTree(DemoManifest.yaml(Edge.fleet(2, true)));

    JsonNode alpha = manifest.path("participants").path(0);
    assertThat(alpha.path("servers")).hasSize(3);
    assertThat(alpha.at("/servers/2/labels/cache").asString()).isEqualTo("varnish");
    assertThat(alpha.at("/configurations/0/hosts/0").asString()).isEqualTo(DemoManifest.HOST);
    assertThat(manifest.at("/participants/1/exposures/0/to").asString()).isEqualTo("alpha");
  }

  @Test
  void children_get_nothing_of_this_process_s_environment_but_what_every_program_needs()
      throws Exception {
    try (var children = new Children(new ProcessLedger(directory.resolve("ledger")))) {
      Path log = directory.resolve("log");
      Children.Child child =
          children.start("env", List.of("env"), Map.of("ROLLCALL_TOKEN", "x"), log);

      assertThat(child.process().waitFor()).isZero();
      assertThat(Files.readAllLines(log))
          .contains("ROLLCALL_TOKEN=x")
          .allMatch(line -> line.matches("(PATH|HOME|TMPDIR|LANG|LC_ALL|ROLLCALL_TOKEN)=.*"));
    }
  }

  @Test
  void a_child_that_does_not_want_to_end_is_killed_with_its_own_children() throws IOException {
    var ledger = new ProcessLedger(directory.resolve("ledger"));
    var children = new Children(ledger, Duration.ofMillis(200));
    Path log = directory.resolve("log");
    Children.Child child =
        children.start(
            "stubborn",
            List.of("sh", "-c", "trap '' TERM; sleep 300 & echo ready; wait; sleep 300"),
            Map.of(),
            log);
    await("it is deaf").until(() -> Files.readString(log).contains("ready"));
    List<ProcessHandle> family = child.process().descendants().toList();

    children.close();

    assertThat(child.isAlive()).isFalse();
    assertThat(family).isNotEmpty();
    await("its children are gone").until(() -> family.stream().noneMatch(ProcessHandle::isAlive));
    assertThatThrownBy(() -> children.start("late", List.of("true"), Map.of(), log))
        .isInstanceOf(DemoException.class);
  }

  @Test
  void what_a_killed_demo_left_behind_is_stopped_and_nothing_else() throws IOException {
    Path file = directory.resolve("ledger");
    Process left = new ProcessBuilder("sleep", "300").start();
    Process other = new ProcessBuilder("sleep", "300").start();
    try {
      new ProcessLedger(file).add(left);
      long startedLongAgo = 1_000;
      Files.writeString(
          file, Files.readString(file) + other.pid() + " " + startedLongAgo + "\nnonsense\n");

      assertThat(new ProcessLedger(file).stopLeftOvers()).isEqualTo(1);

      assertThat(left.isAlive()).isFalse();
      assertThat(other.isAlive()).isTrue();
      assertThat(file).doesNotExist();
    } finally {
      left.destroyForcibly();
      other.destroyForcibly();
    }
  }

  @Test
  void the_origin_has_every_page_and_counts() throws IOException {
    try (Origin origin = Origin.start()) {
      LoopbackHttp.Reply reply = LoopbackHttp.get(origin.port(), DemoManifest.HOST, "/a?b=1");

      assertThat(reply.isOk()).isTrue();
      assertThat(reply.isHit()).isFalse();
      assertThat(reply.text()).contains(Origin.MARK).containsIgnoringCase("max-age=3600");
      assertThat(origin.asked()).isEqualTo(1);
    }
  }

  @Test
  void pages_are_counted_wherever_they_lie() throws IOException {
    Path deep = Files.createDirectories(directory.resolve("a/b"));
    Files.writeString(deep.resolve("page"), "headers\n" + Origin.MARK);
    Files.writeString(deep.resolve("journal"), "nothing of interest");

    assertThat(Proof.pages(directory)).isEqualTo(1);
    assertThat(Proof.pages(directory.resolve("none"))).isZero();
  }

  @Test
  void the_sample_comes_from_the_jar_or_from_the_source_tree() throws IOException {
    Path target = Files.createDirectories(directory.resolve("edge-poller/target"));
    Path jar = target.resolve("edge-poller.jar");
    FakePoller.jar(jar, "x.Y");
    assertThat(Programs.sampleVcl(jar)).isEmpty();

    Path samples = Files.createDirectories(directory.resolve("edge-poller/samples/varnish"));
    Files.writeString(samples.resolve("rollcall.vcl"), "# in the tree");
    assertThat(Programs.sampleVcl(jar)).contains("# in the tree");

    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("samples/varnish/rollcall.vcl"));
      out.write(new byte[] {'#'});
    }
    assertThat(Programs.sampleVcl(jar)).contains("#");
  }

  @Test
  void programs_are_found_on_the_path() throws IOException {
    Path program = Files.writeString(directory.resolve("some-program"), "");
    String path = "relative:/does/not/exist:" + directory;

    assertThat(Programs.onPath("some-program", path)).isEmpty();
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    assertThat(Programs.onPath("some-program", path)).contains(program);
    assertThat(Programs.onPath("no-such-program", null)).isEmpty();
  }

  @Test
  void own_commands_can_be_pasted_anywhere_and_have_no_token_among_their_arguments()
      throws Exception {
    Path data = directory.resolve("a demo's data");
    try (DemoDirectory demo = DemoDirectory.open(data)) {
      Path header = demo.writeHeader();
      String token = demo.adminToken();
      assertThat(header).hasContent("Authorization: Bearer " + token);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(header)))
          .isEqualTo("rw-------");

      for (String line : OwnCommands.lines(URI.create("http://127.0.0.1:1"), header, "c-1")) {
        Process shell =
            new ProcessBuilder("sh", "-c", "curl() { printf '%s\\n' \"$@\"; }\n" + line)
                .directory(new java.io.File("/"))
                .start();
        String arguments = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertThat(shell.waitFor()).isZero();
        assertThat(arguments).doesNotContain(token);
        assertThat(arguments.isEmpty() || arguments.contains("-H\n@" + header + "\n")).isTrue();
      }
    }
  }

  @Test
  void the_script_says_nothing_that_a_terminal_would_break_inside_a_word() throws IOException {
    assertThat(Files.readAllLines(Path.of("demo")))
        .filteredOn(line -> line.strip().startsWith("say \""))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.strip()).hasSizeLessThanOrEqualTo(80 + 6));
  }

  @Test
  void text_is_broken_at_spaces() {
    assertThat(Narrator.wrap("  ", "one two three", 7)).containsExactly("  one two", "  three");
    assertThat(Narrator.wrap("", "unbreakable", 3)).containsExactly("unbreakable");
  }

  @Test
  void a_stop_waits_for_what_must_not_be_broken_off() {
    var signal = new StopSignal();

    boolean interrupted =
        signal.shielded(() -> {
          signal.request();
          return Thread.currentThread().isInterrupted();
        });

    assertThat(interrupted).isFalse();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(signal.isRequested()).isTrue();
  }

  @Test
  void once_the_end_has_begun_nothing_interrupts_it() {
    var signal = new StopSignal();
    signal.request();

    signal.shieldForGood();
    signal.request();

    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }
}
