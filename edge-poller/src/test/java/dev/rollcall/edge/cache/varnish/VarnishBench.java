// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.cache.varnish;

import dev.rollcall.edge.cache.CacheDriver;
import dev.rollcall.edge.cache.CacheReply;
import dev.rollcall.edge.config.CacheConfig;
import dev.rollcall.edge.execute.ExecutionsToTasks;
import dev.rollcall.edge.fake.Client;
import dev.rollcall.edge.fake.Executions;
import dev.rollcall.edge.fake.FakeOrigin;
import dev.rollcall.edge.fake.Varnish;
import dev.rollcall.edge.lifecycle.Ticker;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A Varnish, its driver, and what tests do with the two. */
final class VarnishBench {
  private static final String KEEP = "sub vcl_backend_response { set beresp.keep = 1h; } ";

  private final Varnish varnish;
  private final VarnishDriver driver;

  private VarnishBench(Varnish varnish, VarnishDriver driver) {
    this.varnish = varnish;
    this.driver = driver;
  }

  static VarnishBench start(Path home, FakeOrigin origin, String vcl, String... options)
      throws IOException, InterruptedException {
    Varnish varnish = Varnish.start(home, origin.port(), KEEP + vcl, options);
    return new VarnishBench(varnish, driver(varnish.address()));
  }

  /**
   * Bans nothing twice. A ban that is repeated also meets what began to be fetched within its
   * millisecond but after it, and a test that is quick enough would see that.
   */
  static VarnishBench startWithoutRepeats(Path home, FakeOrigin origin)
      throws IOException, InterruptedException {
    Varnish varnish = Varnish.start(home, origin.port(), KEEP);
    return new VarnishBench(varnish, driver(varnish.address(), List.of(Duration.ofHours(1))));
  }

  static VarnishDriver driver(URI address) {
    return driver(address, List.of(Duration.ofMillis(200), Duration.ofSeconds(1)));
  }

  private static VarnishDriver driver(URI address, List<Duration> repeatAfter) {
    var driver = new VarnishDriver(new CacheConfig.Varnish(address), Ticker.system(), repeatAfter);
    driver.start();
    return driver;
  }

  Varnish varnish() {
    return varnish;
  }

  /**
   * As the poller would: read, held against the configuration, and only then given to the cache.
   */
  CacheReply run(Executions execution) throws InterruptedException {
    return ExecutionsToTasks.run(driver, execution.build());
  }

  CacheReply runUnchecked(Executions execution) {
    try {
      return run(execution);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  CacheDriver.Check check() throws InterruptedException {
    return driver.check(() -> Duration.ofSeconds(10));
  }

  Client.Answer get(String host, String target, String... headers) throws IOException {
    return Client.get(varnish.port(), host, target, headers);
  }

  Client.Answer send(String method, String host, String target, String... headers)
      throws IOException {
    return Client.send(varnish.port(), method, host, target, headers);
  }

  /** Brings an object into the cache. */
  void fill(String host, String target) throws IOException {
    get(host, target);
    if (!get(host, target).isHit()) {
      throw new IllegalStateException(host + target + " is not kept");
    }
  }

  void stop() throws InterruptedException {
    driver.stop();
    varnish.close();
  }
}
