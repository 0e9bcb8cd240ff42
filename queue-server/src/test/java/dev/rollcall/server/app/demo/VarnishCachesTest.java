// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.rollcall.server.app.cli.FakeSurroundings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a real Varnish. */
@Timeout(60)
class VarnishCachesTest {
  private static final Edge EDGE = new Edge("alpha", "lax-varnish", "us-west", true);

  @TempDir private Path temporary;
  private final Optional<Path> varnishd = Programs.onPath("varnishd", System.getenv("PATH"));
  private final Waiting waiting = new Waiting(new FakeSurroundings().get().timing());
  private DemoDirectory directory;
  private Children children;
  private Origin origin;

  @BeforeEach
  void open() {
    assumeTrue(varnishd.isPresent(), "Varnish is not installed: apt-get install varnish");
    directory = DemoDirectory.open(temporary.resolve("demo"));
    children = new Children(new ProcessLedger(directory.ledger()));
    origin = Origin.start();
  }

  @AfterEach
  void close() {
    if (varnishd.isPresent()) {
      children.close();
      origin.close();
      directory.close();
    }
  }

  private VarnishCaches caches(String sample) {
    return new VarnishCaches(children, directory, varnishd.orElseThrow(), sample);
  }

  @Test
  void a_cache_of_the_origin_that_says_what_it_had() throws IOException, InterruptedException {
    VarnishCaches caches = caches("# nothing of the poller's");
    caches.start(EDGE, origin.port());
    Map<Edge, Integer> ports = caches.awaitReady(waiting);

    int port = ports.getOrDefault(EDGE, 0);
    LoopbackHttp.Reply first = LoopbackHttp.get(port, DemoManifest.HOST, "/index.html");
    LoopbackHttp.Reply second = LoopbackHttp.get(port, DemoManifest.HOST, "/index.html");

    assertThat(first.isOk()).isTrue();
    assertThat(first.isHit()).isFalse();
    assertThat(second.isHit()).isTrue();
    assertThat(second.text()).contains(Origin.MARK);
    assertThat(origin.asked()).isEqualTo(1);
  }

  @Test
  void a_sample_that_does_not_compile_is_told_with_what_varnish_says() {
    VarnishCaches caches = caches("sub vcl_recv { this is no VCL }");
    caches.start(EDGE, origin.port());

    assertThatThrownBy(() -> caches.awaitReady(waiting))
        .isInstanceOf(DemoException.class)
        .hasMessageContaining("Varnish of alpha/lax-varnish did not start")
        .hasMessageContaining("--no-varnish");
  }
}
