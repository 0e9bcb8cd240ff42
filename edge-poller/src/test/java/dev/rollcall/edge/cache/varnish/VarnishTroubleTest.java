// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.cache.Codes;
import dev.rollcall.edge.cache.TimeLimit;
import dev.rollcall.edge.execute.ExecutionsToTasks;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.fake.Varnish;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the driver says when Varnish is down, refuses, or is set up differently. */
final class VarnishTroubleTest {
  private static final Executions PURGE = Executions.purge("c", "https://www.acme.example/a");
  private static final Executions BAN = Executions.of("c", "purge", "{\"regexes\": [\"^/a\"]}");

  private static final Executions LOADS =
      Executions.load("c", "https://www.acme.example/a", "https://www.acme.example/b");
  private static final TimeLimit SOON = () -> Duration.ofSeconds(5);

  @TempDir private Path home;
  private FakeOrigin origin;

  @BeforeAll
  static void assume() {
    assumeTrue(Varnish.isInstalled(), Varnish.MISSING);
  }

  @BeforeEach
  void start() throws Exception {
    origin = new FakeOrigin();
  }

  @AfterEach
  void stop() {
    origin.close();
  }

  @Test
  void a_cache_that_is_down_is_a_failure_that_heals() throws Exception {
    int port = Varnish.freePort();
    VarnishDriver driver = VarnishBench.driver(URI.create("http://127.0.0.1:" + port));

    CacheReply down = ExecutionsToTasks.run(driver, PURGE.build());
    CacheReply up;
    try (var varnish = Varnish.start(home, port, origin.port(), "")) {
      up = ExecutionsToTasks.run(driver, PURGE.build());
      assertThat(varnish.port()).isEqualTo(port);
    }
    Files.delete(home.resolve("varnishd.log"));
    CacheReply again;
    try (var varnish = Varnish.start(home, port, origin.port(), "")) {
      again = ExecutionsToTasks.run(driver, PURGE.build());
      assertThat(varnish.port()).isEqualTo(port);
    }

    assertThat(up).isInstanceOf(CacheReply.Done.class);
    assertThat(again).as("with connections kept from before").isInstanceOf(CacheReply.Done.class);
    assertThat(down)
        .isEqualTo(
            new CacheReply.Unreachable(
                Codes.UNREACHABLE,
                "Varnish at http://127.0.0.1:"
                    + port
                    + " refuses the connection; is varnishd running?",
                false));
    driver.stop();
  }

  @Test
  void what_was_sent_to_a_cache_that_then_ended_may_have_been_begun() throws Exception {
    int port = Varnish.freePort();
    VarnishDriver driver = VarnishBench.driver(URI.create("http://127.0.0.1:" + port));
    try (var varnish = Varnish.start(home, port, origin.port(), "")) {
      assertThat(ExecutionsToTasks.run(driver, PURGE.build())).isInstanceOf(CacheReply.Done.class);
      assertThat(driver.probe(SOON)).isEmpty();
      varnish.kill();
    }

    CacheReply kept = ExecutionsToTasks.run(driver, PURGE.build());
    CacheReply fresh = ExecutionsToTasks.run(driver, LOADS.build());

    assertThat(kept).as("over a connection that was kept").matches(VarnishTroubleTest::begun);
    assertThat(fresh).as("over none").matches(reply -> !begun(reply));
    assertThat(fresh.message()).startsWith("2 of 2 URLs not loaded");
    assertThat(driver.probe(SOON).orElseThrow()).contains("is varnishd running?");
    driver.stop();
  }

  private static boolean begun(CacheReply reply) {
    return ((CacheReply.Unreachable) reply).begun();
  }

  @Test
  void who_does_not_answer_in_time_is_not_reached_but_may_have_begun() throws Exception {
    try (var silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      VarnishDriver driver =
          VarnishBench.driver(URI.create("http://127.0.0.1:" + silent.getLocalPort()));
      TimeLimit short_ = () -> Duration.ofMillis(100);

      CacheReply reply = ExecutionsToTasks.run(driver, PURGE.build(), short_);

      assertThat(reply.code()).isEqualTo(Codes.TIMEOUT);
      assertThat(reply).matches(VarnishTroubleTest::begun);
      assertThat(driver.probe(short_).orElseThrow()).contains("does not answer in time");
      driver.stop();
    }
  }

  @ParameterizedTest(name = "status {0}: {1}")
  @CsvSource({
    "200, unexpected-answer, the VCL in use must include it",
    "404, unexpected-answer, the VCL in use must include it",
    "405, not-allowed, include rollcall.vcl",
    "403, not-allowed, acl rollcall_poller",
    "503, status-503, Varnish answers 503",
  })
  void another_vcl_is_not_taken_for_ours(int status, String code, String message) throws Exception {
    origin.page("/a", exchange -> FakeOrigin.answer(exchange, status, "not Varnish at all"));
    VarnishDriver driver = VarnishBench.driver(origin.address());

    CacheReply reply = ExecutionsToTasks.run(driver, PURGE.build());

    assertThat(reply).isInstanceOf(CacheReply.Failed.class);
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.message()).contains(message);
    assertThat(driver.check(SOON).ok()).isFalse();
    assertThat(driver.probe(SOON)).as("it is there, whatever it answers").isEmpty();
    driver.stop();
  }

  @Test
  void an_address_that_is_not_in_the_acl_may_not_purge() throws Exception {
    Path vcl = Path.of("samples/varnish/rollcall.vcl");
    String strict = Files.readString(vcl).replace("\"127.0.0.1\";", "\"127.0.0.2\";");
    Path copy = Files.writeString(home.resolve("strict.vcl"), strict);
    try (var varnish = Varnish.startWith(home, Varnish.freePort(), origin.port(), copy, "")) {
      VarnishDriver driver = VarnishBench.driver(varnish.address());

      CacheReply reply = ExecutionsToTasks.run(driver, PURGE.build());

      assertThat(reply.code()).isEqualTo(Codes.NOT_ALLOWED);
      assertThat(reply.message()).contains("acl rollcall_poller");
      assertThat(
              ExecutionsToTasks.run(
                      driver, Executions.load("c", "https://www.acme.example/l").build())
                  .code())
          .as("no word about storing for those who may not purge")
          .isEqualTo(Codes.UNEXPECTED_ANSWER);
      driver.stop();
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"pcre2_match_limit=5000, match_limit", "pcre2_jit_compilation=off, jit"})
  void nothing_is_banned_by_an_expression_where_that_could_stop_varnish(
      String parameter, String word) throws Exception {
    try (var varnish = Varnish.start(home, origin.port(), "", "-p", parameter)) {
      VarnishDriver driver = VarnishBench.driver(varnish.address());

      CacheReply reply = ExecutionsToTasks.run(driver, BAN.build());
      CacheDriver.Check check = driver.check(() -> Duration.ofSeconds(5));

      assertThat(reply).isInstanceOf(CacheReply.Failed.class);
      assertThat(reply.message()).contains(word);
      assertThat(check.ok()).isFalse();
      assertThat(check.findings()).singleElement().asString().contains(word);
      assertThat(ExecutionsToTasks.run(driver, PURGE.build())).isInstanceOf(CacheReply.Done.class);
      driver.stop();
    }
  }

  @Test
  void a_cache_that_hangs_ends_with_the_time_limit() throws Exception {
    origin.page("/hang", exchange -> new java.util.concurrent.CountDownLatch(1).await());
    try (var varnish = Varnish.start(home, origin.port(), "")) {
      VarnishDriver driver = VarnishBench.driver(varnish.address());
      long end = System.nanoTime() + Duration.ofMillis(500).toNanos();

      var task = Executions.load("c", "https://www.acme.example/hang").build();
      CacheReply reply =
          ExecutionsToTasks.run(driver, task, () -> Duration.ofNanos(end - System.nanoTime()));

      assertThat(reply.code()).isEqualTo(Codes.TIMEOUT);
      driver.stop();
    }
  }

  @Test
  void the_sample_configuration_compiles() throws Exception {
    String sample = Files.readString(Path.of("samples/varnish/default.vcl"));
    Path main =
        Files.writeString(
            home.resolve("sample.vcl"),
            sample.replace(
                "/etc/varnish/rollcall.vcl",
                Path.of("samples/varnish/rollcall.vcl").toAbsolutePath().toString()));
    Path said = home.resolve("said");

    Process compile =
        new ProcessBuilder(
                List.of(
                    "/usr/sbin/varnishd",
                    "-j",
                    "none",
                    "-C",
                    "-f",
                    main.toString(),
                    "-n",
                    home + "/c"))
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();

    assertThat(compile.waitFor()).as(Files.readString(said)).isZero();
  }
}
