// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.fake.FakeQueueServer;
import dev.rollcall.edge.fake.PollerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the subcommands say, and what nobody says. */
final class CommandsIT {
  @TempDir private Path home;
  private PollerBench bench;

  @BeforeEach
  void prepare() throws IOException {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
    bench = new PollerBench(home);
  }

  @AfterEach
  void stop() {
    bench.stop();
    Awaitility.reset();
  }

  @Test
  void a_second_poller_says_who_holds_the_state_and_ends() throws Exception {
    PollerProcess first = bench.start();
    bench.awaitParked();

    PollerProcess.Ended second = bench.command("run");

    assertThat(second.status()).isEqualTo(1);
    assertThat(second.err())
        .contains(home.resolve("state") + " is held by another poller: pid " + first.pid());
    assertThat(first.terminate()).isZero();
  }

  @Test
  void the_state_is_private_and_the_token_is_nowhere_to_be_seen() throws Exception {
    PollerProcess poller = bench.start();
    bench.awaitParked();
    bench.server().submit(PollerBench.load("a").build());
    bench.awaitEnd("a");
    await("the status tells of it")
        .until(() -> bench.command("status").out().contains("succeeded"));

    assertThat(Files.getPosixFilePermissions(home.resolve("state")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(poller.commandLine()).doesNotContain(FakeQueueServer.TOKEN);
    String told =
        poller.err() + poller.out() + bench.command("check").all() + bench.command("status").all();
    try (var files = Files.list(home.resolve("state"))) {
      for (Path file : files.toList()) {
        told += Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
      }
    }
    assertThat(told).doesNotContain(FakeQueueServer.TOKEN);
  }

  @Test
  void the_most_verbose_log_holds_no_token_either() throws Exception {
    PollerProcess poller = bench.start("--verbose");
    bench.awaitParked();
    bench.server().submit(PollerBench.load("a").build());
    bench.awaitEnd("a");
    bench.server().token("another");
    await("it is refused").until(() -> poller.err().contains("401"));

    assertThat(poller.err()).doesNotContain(FakeQueueServer.TOKEN);
    assertThat(poller.out()).doesNotContain(FakeQueueServer.TOKEN);
  }

  @Test
  void status_shows_what_it_does_also_when_it_does_not_run() throws Exception {
    assertThat(bench.command("status").status()).isEqualTo(1);
    assertThat(bench.command("status").err()).contains("was never started");
    var go = new CountDownLatch(1);
    bench
        .origin()
        .page(
            "/slow",
            exchange -> {
              go.await();
              FakeOrigin.answer(exchange, 404, "none");
            });
    PollerProcess poller = bench.start();
    bench.awaitParked();
    bench
        .server()
        .submitAll(List.of(PollerBench.load("slow").build(), PollerBench.load("next").build()));
    await("it runs").until(() -> bench.origin().asked("/slow") == 1);
    await("the status is written").until(() -> bench.command("status").out().contains("1 running"));

    PollerProcess.Ended busy = bench.command("status");
    assertThat(busy.status()).isZero();
    assertThat(busy.out())
        .contains(
            "running, pid " + poller.pid(),
            "waiting for work",
            "2 leases held, 0 results owed",
            "1 running, 1 queued, capacity 16",
            "slow (lease 1)",
            bench.server().address().toString());
    go.countDown();
    await("the failure is shown").until(() -> bench.command("status").out().contains("status-404"));

    poller.terminate();
    PollerProcess.Ended stopped = bench.command("status");
    assertThat(stopped.status()).isEqualTo(1);
    assertThat(stopped.out()).contains("not running, stopped");
    PollerProcess killed = bench.start();
    bench.awaitParked();
    killed.kill();
    assertThat(bench.command("status").out()).contains("not running, ended without being stopped");
  }

  @Test
  void check_says_that_all_is_well_or_what_is_not() throws Exception {
    Files.createDirectory(home.resolve("state"));
    PollerProcess.Ended well = bench.command("check");
    assertThat(well.status()).as(well.all()).isZero();
    assertThat(well.out())
        .contains("server    ok", "accepts the token", "cache     ok", "purge urls, prefixes");
    assertThat(home.resolve("state")).as("nothing is left of the trial").isEmptyDirectory();

    bench.start();
    bench.awaitParked();
    PollerProcess.Ended running = bench.command("check");
    assertThat(running.status()).as(running.all()).isZero();
    assertThat(running.out()).contains("is held by the poller that runs");
    assertThat(bench.server().parked()).as("the poller's poll is not ended by it").isEqualTo(1);

    bench.server().token("another");
    bench.origin().close();
    Files.setPosixFilePermissions(
        home.resolve("token"), PosixFilePermissions.fromString("rw-r--r--"));
    PollerProcess.Ended wrong = bench.command("check");
    assertThat(wrong.status()).isEqualTo(1);
    assertThat(wrong.out())
        .contains(
            "token     WRONG",
            "chmod 600",
            "server    WRONG",
            "does not accept the token",
            "cache     WRONG",
            "does not answer");
  }

  @Test
  void run_refuses_a_token_that_every_user_can_read_in_the_words_of_check() throws Exception {
    Files.setPosixFilePermissions(
        home.resolve("token"), PosixFilePermissions.fromString("rw-r--r--"));
    String said = home.resolve("token") + " can be read by every user: chmod 600 it";

    PollerProcess.Ended run = bench.command("run");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("the token " + said + "\n");
    assertThat(bench.command("check").out()).contains("token     WRONG  " + said);
    assertThat(home.resolve("state")).doesNotExist();
  }

  /** In /proc every right is given to root, and nothing can be written: as on a full disk. */
  @Test
  void check_finds_by_trying_that_the_state_cannot_be_written() throws Exception {
    Files.writeString(
        bench.config(),
        Files.readString(bench.config()).replace(home.resolve("state").toString(), "/proc"));

    PollerProcess.Ended run = bench.command("run");
    PollerProcess.Ended check = bench.command("check");

    assertThat(run.status()).isEqualTo(1);
    assertThat(check.status()).isEqualTo(1);
    assertThat(check.out()).contains("state     WRONG  /proc cannot be written");
  }

  @Test
  void bad_settings_are_all_said_at_once() throws Exception {
    Files.writeString(bench.config(), "servr: x\ncapacity: 0\ncache: {driver: squid}\n");

    for (String name : List.of("run", "check")) {
      PollerProcess.Ended bad = bench.command(name);
      assertThat(bad.status()).isEqualTo(1);
      assertThat(bad.err())
          .contains(
              "servr: is unknown here",
              "server: is missing",
              "tokenFile: is missing",
              "state: is missing",
              "capacity: is 0; allowed: 1 to 1000",
              "cache.driver: is \"squid\"; allowed: varnish, directory")
          .doesNotContain("Exception");
    }
    assertThat(bench.command("status").err())
        .contains("state: is missing")
        .doesNotContain("servr", "Exception");
  }

  @Test
  void status_needs_neither_the_token_nor_the_cache() throws Exception {
    bench.start();
    bench.awaitParked();
    Files.delete(home.resolve("token"));
    Files.writeString(bench.config(), "state: " + home.resolve("state") + "\n");

    PollerProcess.Ended status = bench.command("status");

    assertThat(status.status()).as(status.all()).isZero();
  }

  @Test
  void the_jar_brings_the_sample_for_varnish_along() throws Exception {
    try (var jar = new JarFile(Path.of("target/edge-poller.jar").toFile())) {
      ZipEntry entry = jar.getEntry("samples/varnish/rollcall.vcl");

      assertThat(entry).isNotNull();
      assertThat(jar.getInputStream(entry))
          .hasBinaryContent(Files.readAllBytes(Path.of("samples/varnish/rollcall.vcl")));
    }
  }

  @Test
  void every_subcommand_explains_itself() throws Exception {
    for (String name : List.of("enroll", "run", "check", "status")) {
      PollerProcess.Ended help = PollerProcess.run(home, Map.of(), name, "--help");
      assertThat(help.status()).isZero();
      assertThat(help.out()).contains("Usage: edge-poller " + name, "--config=FILE");
      assertThat(help.out().lines()).allMatch(line -> line.length() <= 80);
    }
    assertThat(PollerProcess.run(home, Map.of(), "nonsense").status()).isEqualTo(2);
    assertThat(PollerProcess.run(home, Map.of(), "--version").out()).startsWith("edge-poller 0.");
  }
}
